"""What the pages say, in the three languages of the reports."""

from typing import Final, Literal

Language = Literal["en", "ru", "zh"]

LANGUAGES: Final[dict[Language, str]] = {"en": "English", "ru": "Русский", "zh": "中文"}

LABELS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "year": "Year",
        "language": "Language",
        "group": "Cities",
        "all_cities": "all",
        "rank": "Rank",
        "city": "City",
        "country": "Country",
        "score": "Score",
        "coverage": "Coverage",
        "city_level": "City-level share",
        "ranked": "{n} cities ranked",
        "chart": "What the score is made of",
        "not_ranked": "Not ranked",
        "reason": "Reason",
        "too_few_indicators": "too few indicators have an observation",
        "pillar_incomplete": "too few observations in: {pillar}",
        "no_data": "no observations",
        "nothing": "No rating yet: run the ingestion DAGs and then refresh_reports.",
        "rating": "Rating",
        "likely_rank": "Likely rank",
        "likely_note": (
            "Likely rank: where nine in ten random draws of weights, steps and errors of the observations put the city."
        ),
        "note": (
            "Scores run from {low:g} to {high:g}, higher is better. Coverage: share of the method's indicators with a "
            "observation. City-level share: share of observations measured for the city and not for its country; cities "
            "that share all observations share the rank."
        ),
        "method": "Method {id}, version {version}",
        "downloads": "Downloads",
        "edition_tables": "A published edition: its cities, pillars and indicators.",
        "rating_tables": "The ratings of all years: cities, pillars and indicators together.",
        "table": "Table",
        "holds": "Holds",
        "one_row": "One row is",
        "download": "Download",
        "together": "Several tables together",
        "single": "Table by table",
        "downloads_note": (
            "CSV and Parquet are for programs: nothing in them is altered. XLSX is for reading: names in one language, "
            "notes, sources and licences. A Data Package holds CSV files and their description. Observations keep the "
            "licence of their source."
        ),
        "quality": "Data quality",
        "source": "Source",
        "latest_load": "Latest load",
        "state": "State",
        "validated": "not yet published",
        "refused": "refused",
        "published": "published",
        "rules": "Checks failed",
        "read": "Rows read",
        "rejected": "Rejected",
        "trend": "Last ten loads",
        "places": "Places with an observation",
        "of": "{n} of {all}",
        "newest": "Newest period",
        "fetched": "Days since fetched",
        "no_loads": "No load yet: run the ingestion DAGs.",
        "quality_note": (
            "Bars: share of rows rejected, the oldest load first, all sources on one scale; a red one is of a "
            "refused load. Places: cities and countries of the catalogue with an observation, of those that the source "
            "gives. Days since fetched: asking a source that has not changed does not count."
        ),
        "overdue": "What is overdue",
        "overdue_sources": "Sources of this rating that are overdue",
        "nothing_overdue": "Everything that is expected is there.",
        "last_requested": "last asked",
        "expected_and_newest": "expected {expected}, newest {newest}",
        "all_cities_rated": "City ratings",
        "city_note": "Every value and every score leads to where it comes from.",
        "latest_values": "Latest observations",
        "choice_of_sources": "{n} observations to choose from, spread {spread}",
        "no_values": "No observations yet: run the ingestion DAGs and then refresh_reports.",
        "origin": "Where it comes from",
        "values_used": "Observations behind it: {n}.",
        "contributions": "Their contributions sum to {score}.",
        "observation": "The observation",
        "unit_as_published": "Unit as published",
        "checks": "What was checked",
        "rules_passed": "Rules passed",
        "warnings": "Warnings",
        "load": "The load",
        "snapshot": "The bytes, as received",
        "fetched_at": "Fetched at",
        "bytes": "Bytes",
        "for_operators": "The link gives the bytes to operators (Airflow's roles op and admin).",
        "licence_and_citation": "Licence and citation",
        "editions": "Editions",
        "editions_note": "Ratings as they were published. An edition never changes; its checksum is that of its tables.",
        "no_editions": "No edition yet: trigger the DAG publish_edition and approve what it proposes.",
        "then_and_now": "As published and today",
        "edition_note": (
            "Points by which today's score differs, step by step: values revised or withdrawn, observations first known "
            "since, the method, the cities and groups. The steps sum to the change."
        ),
    },
    "ru": {
        "year": "Год",
        "language": "Язык",
        "group": "Города",
        "all_cities": "все",
        "rank": "Место",
        "city": "Город",
        "country": "Страна",
        "score": "Балл",
        "coverage": "Полнота",
        "city_level": "Доля городских данных",
        "ranked": "Городов в рейтинге: {n}",
        "chart": "Из чего складывается балл",
        "not_ranked": "Вне рейтинга",
        "reason": "Причина",
        "too_few_indicators": "слишком мало показателей с данными",
        "pillar_incomplete": "недостаточно данных в разделе: {pillar}",
        "no_data": "нет данных",
        "nothing": "Рейтинга ещё нет: запустите DAG загрузки, затем refresh_reports.",
        "rating": "Рейтинг",
        "likely_rank": "Вероятное место",
        "likely_note": (
            "Вероятное место: интервал, куда город попадает в девяти из десяти случайных вариантов весов, шагов "
            "расчёта и погрешностей данных."
        ),
        "note": (
            "Баллы от {low:g} до {high:g}, больше значит лучше. Полнота: доля показателей методики, по которым есть "
            "значение. Доля городских данных: доля значений, измеренных по городу, а не по стране; города "
            "с одинаковыми данными делят место."
        ),
        "method": "Методика {id}, версия {version}",
        "downloads": "Выгрузки",
        "edition_tables": "Опубликованный выпуск: города, разделы и показатели.",
        "rating_tables": "Рейтинги за все годы: города, разделы и показатели вместе.",
        "table": "Таблица",
        "holds": "Содержит",
        "one_row": "Одна строка",
        "download": "Скачать",
        "together": "Несколько таблиц вместе",
        "single": "По одной таблице",
        "downloads_note": (
            "CSV и Parquet предназначены для программ: в них ничего не изменено. XLSX предназначен для чтения: "
            "названия на одном языке, примечания, источники и лицензии. Data Package содержит файлы CSV и их "
            "описание. Значения сохраняют лицензию своего источника."
        ),
        "quality": "Качество данных",
        "source": "Источник",
        "latest_load": "Последняя загрузка",
        "state": "Состояние",
        "validated": "ещё не опубликована",
        "refused": "отклонена",
        "published": "опубликована",
        "rules": "Не пройдено проверок",
        "read": "Прочитано строк",
        "rejected": "Отклонено",
        "trend": "Последние десять загрузок",
        "places": "Мест со значением",
        "of": "{n} из {all}",
        "newest": "Последний год данных",
        "fetched": "Дней с получения",
        "no_loads": "Загрузок ещё нет: запустите DAG загрузки.",
        "quality_note": (
            "Столбцы: доля отклонённых строк, сначала старые загрузки, масштаб общий для всех источников; красный "
            "столбец означает отклонённую загрузку. Места: города и страны каталога, по которым есть значение, из "
            "тех, что даёт источник. Дней с получения: обращение к неизменившемуся источнику не считается."
        ),
        "overdue": "Что запаздывает",
        "overdue_sources": "Источники этого рейтинга, которые запаздывают",
        "nothing_overdue": "Всё ожидаемое на месте.",
        "last_requested": "последнее обращение",
        "expected_and_newest": "ожидается {expected}, есть {newest}",
        "all_cities_rated": "Рейтинги городов",
        "city_note": "Каждое значение и каждый балл ведут к своему происхождению.",
        "latest_values": "Последние значения",
        "choice_of_sources": "Значений на выбор: {n}, разброс {spread}",
        "no_values": "Значений ещё нет: запустите DAG загрузки, затем refresh_reports.",
        "origin": "Откуда это значение",
        "values_used": "За ним стоит значений: {n}.",
        "contributions": "Их вклады в сумме дают {score}.",
        "observation": "Значение",
        "unit_as_published": "Единица в источнике",
        "checks": "Что проверено",
        "rules_passed": "Пройденные правила",
        "warnings": "Замечания",
        "load": "Загрузка",
        "snapshot": "Полученные байты",
        "fetched_at": "Получено",
        "bytes": "Байт",
        "for_operators": "По ссылке байты получают операторы (роли Airflow op и admin).",
        "licence_and_citation": "Лицензия и цитирование",
        "editions": "Выпуски",
        "editions_note": "Рейтинги в том виде, в каком они опубликованы. Выпуск не меняется; контрольная сумма вычислена по его таблицам.",
        "no_editions": "Выпусков ещё нет: запустите DAG publish_edition и утвердите то, что он предложит.",
        "then_and_now": "В выпуске и сегодня",
        "edition_note": (
            "На сколько баллов отличается сегодняшний балл, по шагам: пересмотренные или отозванные значения, "
            "значения, ставшие известными позже, методика, состав городов и групп. Сумма шагов равна изменению."
        ),
    },
    "zh": {
        "year": "年份",
        "language": "语言",
        "group": "城市",
        "all_cities": "全部",
        "rank": "排名",
        "city": "城市",
        "country": "国家",
        "score": "得分",
        "coverage": "数据覆盖率",
        "city_level": "城市级数据占比",
        "ranked": "{n} 个城市参与排名",
        "chart": "得分构成",
        "not_ranked": "未参与排名",
        "reason": "原因",
        "too_few_indicators": "有数据的指标过少",
        "pillar_incomplete": "该领域数据不足：{pillar}",
        "no_data": "无数据",
        "nothing": "尚无评级：请先运行数据采集 DAG，再运行 refresh_reports。",
        "rating": "评级",
        "likely_rank": "可能排名",
        "likely_note": "可能排名：在权重、计算步骤和数据误差的随机抽样中，九成结果所处的名次区间。",
        "note": (
            "得分范围为 {low:g} 至 {high:g}，越高越好。覆盖率：方法中有数据的指标所占比例。城市级数据占比：以城市而非国家"
            "为单位测得的数据所占比例；数据相同的城市名次并列。"
        ),
        "method": "方法 {id}，版本 {version}",
        "downloads": "数据下载",
        "edition_tables": "已发布的版次：城市、领域和指标。",
        "rating_tables": "历年评级：城市、领域和指标。",
        "table": "表",
        "holds": "内容",
        "one_row": "每行为",
        "download": "下载",
        "together": "多表合并",
        "single": "单表",
        "downloads_note": (
            "CSV 和 Parquet 供程序使用，内容未作任何改动。XLSX 供阅读：名称使用一种语言，附说明、来源与许可。Data Package "
            "包含 CSV 文件及其描述。数值沿用其来源的许可。"
        ),
        "quality": "数据质量",
        "source": "数据源",
        "latest_load": "最近一次加载",
        "state": "状态",
        "validated": "尚未发布",
        "refused": "被拒绝",
        "published": "已发布",
        "rules": "未通过的检查",
        "read": "读取行数",
        "rejected": "拒绝比例",
        "trend": "最近十次加载",
        "places": "有数据的地点",
        "of": "{n} / {all}",
        "newest": "最新时期",
        "fetched": "距上次获取天数",
        "no_loads": "尚无加载记录：请运行数据采集 DAG。",
        "quality_note": (
            "柱形：被拒绝行所占比例，由旧到新，所有数据源使用同一比例尺；红色表示该次加载被拒绝。地点：数据源所涉及的"
            "目录内城市和国家中有数据者。距上次获取天数：数据源未变化时的访问不计入。"
        ),
        "overdue": "滞后情况",
        "overdue_sources": "本评级中滞后的数据源",
        "nothing_overdue": "应有数据均已具备。",
        "last_requested": "最近访问",
        "expected_and_newest": "应有 {expected}，现有 {newest}",
        "all_cities_rated": "城市评级",
        "city_note": "每个数值和得分均可追溯到其来源。",
        "latest_values": "最新数值",
        "choice_of_sources": "{n} 个可选数值，差距 {spread}",
        "no_values": "尚无数据：请先运行数据采集 DAG，再运行 refresh_reports。",
        "origin": "数值来源",
        "values_used": "其依据的数值：{n} 个。",
        "contributions": "各项贡献之和为 {score}。",
        "observation": "数值",
        "unit_as_published": "原始单位",
        "checks": "已执行的检查",
        "rules_passed": "通过的规则",
        "warnings": "备注",
        "load": "加载",
        "snapshot": "收到的原始字节",
        "fetched_at": "获取时间",
        "bytes": "字节数",
        "for_operators": "操作员（Airflow 角色 op 和 admin）可通过此链接下载原始字节。",
        "licence_and_citation": "许可与引用",
        "editions": "评级版次",
        "editions_note": "评级按发布时的原样保存。版次一经发布即不再更改；校验和依据其各表计算。",
        "no_editions": "尚无版次：请运行 DAG publish_edition 并批准其提议。",
        "then_and_now": "发布时与当前",
        "edition_note": (
            "当前得分与发布时之差，按步骤分解：修订或撤回的数值、此后首次获知的数值、方法、城市与城市组。各步之和等于总变化。"
        ),
    },
}

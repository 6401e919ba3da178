"""What the pages say, in the three languages of the reports."""

from typing import Final, Literal

Language = Literal["en", "ru", "zh"]

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
        "too_few_indicators": "too few indicators have a figure",
        "pillar_incomplete": "too few figures in: {pillar}",
        "no_data": "no figures",
        "nothing": "No rating yet: run the ingestion DAGs and then refresh_reports.",
        "note": (
            "Scores run from 10 to 100, higher is better. Coverage: share of the method's indicators with a "
            "figure. City-level share: share of figures measured for the city and not for its country; cities "
            "that share all figures share the rank."
        ),
        "method": "Method {id}, version {version}",
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
        "note": (
            "Баллы от 10 до 100, больше значит лучше. Полнота: доля показателей методики, по которым есть "
            "значение. Доля городских данных: доля значений, измеренных по городу, а не по стране; города "
            "с одинаковыми данными делят место."
        ),
        "method": "Методика {id}, версия {version}",
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
        "note": (
            "得分范围为 10 至 100，越高越好。覆盖率：方法中有数据的指标所占比例。城市级数据占比：以城市而非国家"
            "为单位测得的数据所占比例；数据相同的城市名次并列。"
        ),
        "method": "方法 {id}，版本 {version}",
    },
}

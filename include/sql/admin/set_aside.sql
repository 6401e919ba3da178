-- Renames all schemas, so that new ones can be created beside them.
alter schema catalog rename to catalog_aside;
alter schema archive rename to archive_aside;
alter schema ops rename to ops_aside;
alter schema quality rename to quality_aside;
alter schema core rename to core_aside;
alter schema report rename to report_aside;

-- The report whose title a case has; null where somebody gave it one of its own. When it is taken back, so is its title.
alter table case_file add column titled_by bigint references report (id);

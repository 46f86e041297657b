-- What came in during each month that is over, counted once: a merge or a withdrawal of later days changes no number
-- that was told. Months since January of year 0.
create table numbers_month (
  month bigint primary key,
  received bigint not null,
  duplicates bigint not null
);

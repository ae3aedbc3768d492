create schema shape_baseline;
create table shape_baseline.shape_metrics (precious text);
insert into shape_baseline.shape_metrics (precious) values ('keep me');

-- A release counts anew what key drivers did. Drivers with more than one record when it began; and those about whom somebody
-- decided while it went on (noted), who are looked at when all chunks are done.
create table register.catalogue_driver (
    catalogue   int      not null references register.catalogue,
    driver_key  uuid     not null,
    noted       boolean  not null default false,
    primary key (catalogue, driver_key)
);
create index catalogue_driver_noted on register.catalogue_driver (catalogue, driver_key) where noted;
grant select, insert, delete on register.catalogue_driver to traffic_register;

-- Every record of a driver, whatever it weighs at the moment: a release changes that.
drop index register.violation_driver;
create index violation_driver on register.violation (driver_key, occurred_at) where driver_key is not null;

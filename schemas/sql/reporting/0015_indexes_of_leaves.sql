-- The index of an edition's leaves is stored while the rest of the edition is made, and belongs to it from the moment the edition names
-- it: then nobody can delete it. One that no edition names is left of one that was not made.
create table reporting.leaf_index (
    index_id    uuid   not null primary key,
    leaf_index  bytea  not null                    -- 24 bytes a leaf: record id, then the first 8 of its leaf's hash
);
alter table reporting.leaf_index alter column leaf_index set storage external;

alter table reporting.edition add column index_id uuid null;
update reporting.edition set index_id = gen_random_uuid();
insert into reporting.leaf_index select index_id, leaf_index from reporting.edition;
alter table reporting.edition
    alter column index_id set not null,
    add constraint edition_with_its_index foreign key (index_id) references reporting.leaf_index,
    add constraint edition_of_one_index unique (index_id),
    drop column leaf_index;

grant select, insert, delete on reporting.leaf_index to traffic_reporting;

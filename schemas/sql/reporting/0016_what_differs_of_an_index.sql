-- The index of an edition whose leaves were read ahead was stored then, the most of it: with the edition only what came and changed since.
alter table reporting.leaf_index
    add column base     uuid         null references reporting.leaf_index,
    add column without  bytea        null,           -- 16 bytes a record, in order: of these the base's entries are not of this index
    add column made_at  timestamptz  not null default now(),   -- of those there were before: when this ran, without writing them anew
    add constraint leaf_index_of_a_base check ((base is null) = (without is null));

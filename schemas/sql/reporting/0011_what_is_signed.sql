-- What a person signs: SHA-256 of the edition's bytes. An edition cannot be kept under another digest than its own, nor a signature
-- under another than the edition's.
alter table reporting.edition add column digest bytea null;
update reporting.edition set digest = sha256(model);
alter table reporting.edition
    alter column digest set not null,
    add constraint edition_digest_is_of_its_bytes check (digest = sha256(model)),
    add constraint edition_with_its_digest unique (edition, digest);

alter table reporting.edition_signature add column digest bytea null;
update reporting.edition_signature s set digest = e.digest from reporting.edition e where e.edition = s.edition;
alter table reporting.edition_signature
    alter column digest set not null,
    add constraint edition_signature_is_of_these_bytes foreign key (edition, digest) references reporting.edition (edition, digest);

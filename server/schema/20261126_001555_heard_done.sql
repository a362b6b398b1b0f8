-- Whether what was said by telephone was acted upon: what a node left undone when it or its store broke counts when its
-- provider sends it again. What older nodes write counts as done, as before.
alter table phone_heard add column done boolean not null default true;

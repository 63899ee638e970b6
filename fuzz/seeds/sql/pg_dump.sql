--
-- PostgreSQL database dump
--
CREATE TABLE public.cdr (
    src text,
    note text,
    raw bytea
);
COPY public.cdr (src, note, raw) FROM stdin;
4165550123	call\t416-555-0123\nmail jo@example.com	\\x63616c6c203431362d3535352d30313233
6475550148	\N	\N
\.
INSERT INTO public.cdr VALUES ('6475550148', E'it''s\n416-555-0123', '\x6d61696c206a6f406578616d706c652e636f6d');

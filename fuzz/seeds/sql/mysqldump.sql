-- MySQL dump 10.13
CREATE TABLE `cdr` (
  `src` varchar(80),
  `note` text,
  `raw` blob,
  `num` bigint(20) DEFAULT NULL
);
INSERT INTO `cdr` VALUES ('4165550123','it\'s jo@example.com\ncall 416-555-0123',0x63616c6c203431362d3535352d30313233,4165550123),('6475550148','ok',NULL,NULL);
INSERT INTO `cdr` (`src`,`num`) VALUES ('x',4165550123);

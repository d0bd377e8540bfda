-- Limits that root programmes set for roots they still ship: certificates issued after a date are not trusted. Keyed by the
-- root's hash, so they apply in every store. A policy can set the same limit for its own store (trust_store).

CREATE TABLE root_distrust (
    programme text COLLATE "C" NOT NULL,        -- who: "Chrome", "Mozilla", "Apple"
    from_version text,                  -- the first version of its software that does so; NULL: all that know the date
    root_sha256 bytea NOT NULL,
    by_sct boolean NOT NULL,            -- the earliest SCT counts, not notBefore
    not_after timestamptz NOT NULL,     -- issued later: not trusted
    PRIMARY KEY (programme, root_sha256)
);

-- Entrust and AffirmTrust: Google Security Blog 2024-06-27, date of its update of 2024-09-10; Mozilla dev-security-policy 2024-07-31;
-- support.apple.com/121668, which has these hashes too. All read again in November 2026.
INSERT INTO root_distrust
SELECT p.programme, p.from_version, decode(r.sha256, 'hex'), p.by_sct, p.not_after::timestamptz
FROM (VALUES ('Chrome', '131', true, '2024-11-11 23:59:59Z'), ('Mozilla', NULL, false, '2024-11-30 23:59:59Z'),
             ('Apple', NULL, false, '2024-11-15 23:59:59Z')) p (programme, from_version, by_sct, not_after),
     (VALUES ('0376ab1d54c5f9803ce4b2e201a0ee7eef7b57b636e8a93c9b8d4860c96f5fa7'),      -- AffirmTrust Commercial
             ('0a81ec5a929777f145904af38d5d509f66b5e2c58fcdb531058b0e17f3f0b41b'),      -- AffirmTrust Networking
             ('70a73f7f376b60074248904534b11482d5bf0e698ecc498df52577ebf2e93b9a'),      -- AffirmTrust Premium
             ('bd71fdf6da97e4cf62d1647add2581b07d79adf8397eb4ecba9c5e8488821423'),      -- AffirmTrust Premium ECC
             ('6dc47172e01cbcb0bf62580d895fe2b8ac9ad4f873801e0c10b9c837d21eb177'),      -- Entrust.net (2048)
             ('73c176434f1bc6d5adf45b0e76e727287c8de57616c1e6e6141a2b2cbc7d8e4c'),      -- Entrust Root
             ('02ed0eb28c14da45165c566791700d6451d7fb56f0b2ab1d3b8eb070e56edff5'),      -- Entrust Root EC1
             ('43df5774b03e7fef5fe40d931a7bedf1bb2e6b42738c4e6d3841103d3aa7f339'),      -- Entrust Root G2
             ('db3517d1f6732a2d5ab97c533ec70779ee3270a62fb4ac4238372460e6f01e88')) r (sha256);  -- Entrust Root G4

-- Camerfirma: support.apple.com/121668.
INSERT INTO root_distrust
SELECT 'Apple', NULL, decode(r.sha256, 'hex'), false, '2024-11-15 23:59:59Z'
FROM (VALUES ('063e4afac491dfd332f3089b8542e94617d893d7fe944e10a7937ee29d9693c0'),      -- Chambers of Commerce Root - 2008
             ('136335439334a7698016a0d324de72284e079d7b5220bb8fbd747816eebebaca')) r (sha256);  -- Global Chambersign Root - 2008

-- Chunghwa Telecom and NetLock: Google Security Blog 2025-05-30 (date read again in November 2026; the hashes are from memory).
INSERT INTO root_distrust
SELECT 'Chrome', '139', decode(r.sha256, 'hex'), true, '2025-07-31 23:59:59Z'
FROM (VALUES ('c0a6f4dc63a24bfdcf54ef2a6a082a0a72de35803e2ff5ff527ae5d87206dfd5'),      -- ePKI Root
             ('f015ce3cc239bfef064be9f1d2c417e1a0264a0a94be1f0c8d121864eb6949cc'),      -- HiPKI Root G1
             ('6c61dac3a2def031506be036d2a6fe401994fbd13df9c8d466599274c446ec98')) r (sha256);  -- NetLock Arany

-- TrustCor: Mozilla dev-security-policy 2022-11-30 (from memory).
INSERT INTO root_distrust
SELECT 'Mozilla', NULL, decode(r.sha256, 'hex'), false, '2022-11-30 23:59:59Z'
FROM (VALUES ('5a885db19c01d912c5759388938cafbbdf031ab2d48e91ee15589b42971d039c'),      -- ECA-1
             ('d40e9c86cd8fe468c1776959f49ea774fa548684b6c406f3909261f4dce2575c'),      -- RootCert CA-1
             ('0753e940378c1bd5e3836e395daea5cb839e5046f1bd0eae1951cf10fec7c965')) r (sha256);  -- RootCert CA-2

-- Each limit, joined to the root's certificate.
CREATE VIEW root_distrust_all AS
    SELECT c.id AS root, d.programme, d.from_version, d.by_sct, d.not_after
    FROM root_distrust d JOIN certificate c ON c.sha256 = d.root_sha256
    UNION ALL
    SELECT r.certificate, coalesce(s.platform, s.name), s.from_version, x.by_sct, x.not_after
    FROM trust_store s
    CROSS JOIN LATERAL (VALUES (false, s.issued_until), (true, s.sct_until)) x (by_sct, not_after)
    JOIN store_root r ON r.store = s.id
    WHERE x.not_after IS NOT NULL;

#include "reports/report_columns.h"

#include "reports/render.h"

#include <string.h>

static const struct meaning {
    const char *key, *text;
} meanings[] = {
    {"a_year", "renewals a year at their present lifetimes"},
    {"a_year_100", "the same of 100 days"},
    {"a_year_200", "the same of 200 days"},
    {"a_year_398", "renewals a year if none may live longer than 398 days"},
    {"a_year_47", "the same of 47 days"},
    {"accepts", "what else the place was seen to accept; empty where it was not asked or accepts nothing more"},
    {"act_by", "until when the next step should be taken: of a certificate the earliest day by which anything about it or its places must be done; "
               "of it, and of a finding about it, no later than the last safe day to renew it"},
    {"address", "IPv4 or IPv6 address"},
    {"alpn", "application protocol that was agreed on"},
    {"answered", "attempts that were answered"},
    {"asked", "targets that were asked"},
    {"asked_by", "the plan, else the scan, that asked"},
    {"asked_for", "targets and ports of the plan, the first 20; of a capture its file or interface"},
    {"at_offset", "where in the file it begins, in bytes; empty where it was encoded or packed"},
    {"authorised_by", "who allowed it, by the scope file"},
    {"automatic_count", "renewed automatically: the record says so, or they followed at least two others, each in time and within three days of its issue"},
    {"because", "the evidence: what was compared, and the values"},
    {"brand", "the policy's name of the CA, else the organisation in the issuer's name"},
    {"broken_rules", "rules of the policy in force that are broken there"},
    {"by_hand_47", "of these at 47 days, those of certificates that are neither renewed automatically nor presumed to be"},
    {"by_hand_count", "longer ones that were seen renewed in the year before"},
    {"caps", "why the letter is no better, heaviest first"},
    {"certificate", "name and SHA-256 of the certificate that the row speaks of"},
    {"certificate_count", "certificates, served or recorded"},
    {"certificates", "names of the certificates served there now"},
    {"change", "new, renewed, issuer swapped, replaced, superseded, moved, returned or gone: then all is of the certificate that was there"},
    {"changes", "what differs from the test before"},
    {"cipher_suite", "suite of the last answer, IANA's name"},
    {"clause", "number of the clause"},
    {"command", "the command that lists the rows counted here"},
    {"connections", "connections that the test took"},
    {"contacts", "the owner's contacts"},
    {"count", "how many"},
    {"counted", "what these numbers count: certificates, places, or certificates and places"},
    {"days_ago", "whole days from its latest observation to the moment of judging"},
    {"days_left", "whole days from the moment of judging to the end; negative: since then"},
    {"decided_by", "who decided"},
    {"decided_for", "what was asked to be decided: a filter, or one certificate; empty: inherited by a renewal"},
    {"decision", "what was decided"},
    {"deployment", "is it where the managed record says?"},
    {"ended_at", "latest observation"},
    {"endpoint", "site, place and transport of the endpoint that the row speaks of"},
    {"environment", "environment by the owners' rule book or the record"},
    {"environments", "environments of the owner"},
    {"excluded", "what the plan left out"},
    {"expired_count", "expired"},
    {"expiring_count", "renewal due or expiring"},
    {"failing_count", "certificates or places that fail, as column counted says"},
    {"file_kind", "what the bytes were: pem, der, pkcs12, jks, binary ..."},
    {"finding", "title of the rule"},
    {"findings", "rules that hit"},
    {"first_seen", "first time seen"},
    {"forward_secrecy", "does the suite have it?"},
    {"found", "certificate, endpoint, issuer, owner or record"},
    {"grade", "letter by the SSL Labs guide 2009r; provisional, since no attack is made"},
    {"grade_if_trusted", "the letter if trust and name are given"},
    {"grave_count", "with a critical or high finding"},
    {"holds", "certificate, trust store with the number of its certificates, private key, request, host certificate; else why it was not read"},
    {"host", "host of the file"},
    {"inside", "where inside of the file, if it is an archive or a store"},
    {"intermediate", "Mozilla's intermediate profile: passes, fails, not tested"},
    {"issued_by", "organisation in the issuer's name"},
    {"issued_to", "organisation in the subject"},
    {"issuer", "the CA, as the certificate names it"},
    {"issuer_before", "CA of the certificate before"},
    {"issuer_class", "own, approved, foreign, private, self-signed, unknown or not judged"},
    {"item", "which fact"},
    {"key", "algorithm and size or curve of the public key"},
    {"kinds", "uses by the extended key usage: server, client, smime, code_signing, ocsp, time_stamping, ca, unknown"},
    {"label", "its alias in a key store"},
    {"last_day_to_ask", "last day to ask for a renewal, by the policy's working days and who installs it"},
    {"last_seen", "last time seen; as of an earlier day, until then"},
    {"late", "LATE where the last day to ask has passed"},
    {"made_at", "when it was decided"},
    {"marks", "sample, of a package, in a repository, program"},
    {"matched_by", "what of it was named"},
    {"mode", "permission bits, octal"},
    {"modern", "Mozilla's modern profile"},
    {"moved_from", "the place that it left"},
    {"name", "the name that people know it by: common name, else the first alternative name"},
    {"name_before", "name of the certificate before"},
    {"name_matches", "is the certificate for the name, or address, that was asked?"},
    {"named_group", "key exchange group of the last answer, IANA's number"},
    {"names", "subject alternative names: DNS names and addresses, sorted"},
    {"next_step", "what its owner should do: of a certificate what must be done first"},
    {"not_after", "end of validity"},
    {"not_after_before", "end of the certificate before"},
    {"not_asked", "targets that the run did not ask: not reached yet, excluded, outside of the scope, broken off, or names without an address"},
    {"not_before", "begin of validity"},
    {"note", "what is missing to reach the owner"},
    {"number", "the value where it is a number"},
    {"old", "Mozilla's old profile"},
    {"outcomes", "how the attempts ended, with counts"},
    {"owner", "who is responsible: by the owners' rule book, else by the managed record; \"shared by A; B\": all owners of its places"},
    {"pack", "policy pack"},
    {"path", "path on that host"},
    {"place_count", "endpoints that serve it now"},
    {"places", "endpoints that serve it now, as address:port (name asked); of what none serves the files that it lies in, as host:path; of more than "
               "20 the first"},
    {"port", "port"},
    {"post_quantum", "is a hybrid group accepted?"},
    {"potential", "known weaknesses that may apply"},
    {"presumed_count", "presumed to be renewed automatically, since they live 100 days or less: history does not show it yet"},
    {"protocol", "protocol that led to the handshake"},
    {"reason", "the reason that was given"},
    {"record", "managed, unmanaged, accepted or not judged"},
    {"record_at", "file and line of the record"},
    {"record_step", "by what: sha256, sha1, issuer-serial, serial, key (matched), adopted, linked, accepted, ignored (decided), unmatched, or what suggests a record"},
    {"renewed_count", "renewals that were seen in the year before"},
    {"requirement", "what the clause asks for"},
    {"result", "pass, fail, not tested or not applicable"},
    {"revocation", "as lists and answers that are known say"},
    {"revoked_at", "when the CA revoked it"},
    {"rule", "id of the rule (certsweep rules explain ID)"},
    {"run_kind", "scan, capture, files or import"},
    {"scan_id", "id of the run"},
    {"section", "what part of the whole"},
    {"serial_number", "serial number, hexadecimal without leading zeros"},
    {"served_count", "certificates that are served"},
    {"server_name", "name that was asked for (SNI)"},
    {"severity", "critical, high, medium, low or info; of a certificate that of its worst finding"},
    {"sha1", "SHA-1 of the certificate (thumbprint)"},
    {"sha256", "SHA-256 of the certificate; of a finding about a place that of the one served there, if it is one alone"},
    {"sha256_before", "SHA-256 of the certificate before"},
    {"shared_count", "of the certificates, those that have other owners, too; each counts at all of them"},
    {"signature", "algorithm of the signature"},
    {"silent", "attempts without an answer"},
    {"since", "since when this holds"},
    {"site", "site: a realm in which an address means one host"},
    {"source", "of a finding: the clause; of a certificate: the managed source"},
    {"sp800_52", "NIST SP 800-52 rev. 2"},
    {"spki_sha256", "SHA-256 of the public key (SubjectPublicKeyInfo)"},
    {"started_at", "begin of the run"},
    {"state", "of a run: how far it got; of a decision: in force, ended by its last day, or undone"},
    {"status", "not yet, ok, renewal due, expiring, expired, too long or unknown; of a revoked one: is it still served?"},
    {"subject", "what is counted; of a certificate: its subject (RFC 4514)"},
    {"subject_count", "certificates or places that it is about, as column counted says"},
    {"suites", "every suite accepted, with its version"},
    {"targets", "targets of the run"},
    {"tested_at", "when the test began"},
    {"time", "when it was seen"},
    {"tls_version", "version of the last answer"},
    {"told_by", "where that comes from"},
    {"transport", "tcp, udp or sctp"},
    {"trusted", "public: by a public root; own root; no"},
    {"uid", "user who owns the file"},
    {"undone", "when it was taken back, by whom, and why"},
    {"undone_at", "when it was taken back"},
    {"undone_by", "who took it back"},
    {"undone_reason", "why it was taken back"},
    {"unknown_count", "whether they are renewed automatically, nothing shows"},
    {"unmanaged_count", "served and in no managed source"},
    {"untested", "what was not answered, so that the letter may be too good"},
    {"last_day", "the last day on which it holds, in the policy's time zone; empty: until it is taken back"},
    {"until", "until when it holds; empty: until it is taken back"},
    {"used_by", "services of the host whose configuration names the file"},
    {"validation", "dv, ov, iv or ev by the CA/Browser Forum's policies; empty: it says nothing"},
    {"value", "of the summary: which of them; of one subject: what is true"},
    {"versions", "every version accepted"},
    {"weaknesses", "known weaknesses that follow from the facts"},
    {"zone", "IPv6 zone"},
};

const char *report_column_meaning(const char *key)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(meanings[i].key, key) == 0)
            return meanings[i].text;
    return NULL;
}

bool report_column_at(size_t index, const char **key, const char **meaning)
{
    if (index >= sizeof meanings / sizeof meanings[0])
        return false;
    *key = meanings[index].key;
    *meaning = meanings[index].text;
    return true;
}

static const char *kind_name(enum column_kind kind)
{
    switch (kind) {
    case COLUMN_TEXT:
    case COLUMN_UNIT:
    case COLUMN_PLACE:
    case COLUMN_PROSE: return "text";
    case COLUMN_NUMBER:
    case COLUMN_COUNT: return "number";
    case COLUMN_TIME:
    case COLUMN_MOMENT: return "time";
    case COLUMN_SEVERITY: return "word";
    case COLUMN_HASH: return "hexadecimal";
    case COLUMN_LIST: return "list";
    }
    return "text";
}

void report_columns_write(const char *report_name, const struct renderer *renderer, FILE *out)
{
    static const struct report shape = {.name = "columns", .title = "What each column means",
                                        .columns = {{"report", "Report", COLUMN_TEXT, false, false},
                                                    {"column", "Column", COLUMN_TEXT, false, false},
                                                    {"kind", "Kind", COLUMN_TEXT, false, false},
                                                    {"meaning", "Meaning", COLUMN_PROSE, false, false}}};
    void *state = renderer->begin(&shape, out);
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        const struct report *report = reports_all[i];
        for (size_t c = 0; c < report_column_count(report) && (report_name == NULL || strcmp(report_name, report->name) == 0); c++) {
            const struct report_column *column = &report->columns[c];
            const char *values[] = {report->name, column->key, kind_name(column->kind), report_column_meaning(column->key)};
            renderer->row(state, values);
        }
    }
    renderer->end(state, NULL);
}

#include "inventory/certificate/pem.h"

#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define PEM_BEGIN "-----BEGIN "
#define PEM_END   "-----END "

struct pem_reader pem_reader_of(const void *text, size_t len)
{
    return (struct pem_reader){.text = byte_reader_of(text, len)};
}

/* One line without its end (LF, CR LF or CR) and without blanks around it. */
static bool line_next(struct pem_reader *reader, struct byte_reader *line)
{
    if (reader->text.left == 0)
        return false;
    size_t len = 0;
    while (len < reader->text.left && reader->text.at[len] != '\n' && reader->text.at[len] != '\r')
        len++;
    byte_reader_sub(&reader->text, len, line);
    if (reader->text.left > 1 && reader->text.at[0] == '\r' && reader->text.at[1] == '\n')
        byte_reader_skip(&reader->text, 1);
    if (reader->text.left > 0)
        byte_reader_skip(&reader->text, 1);
    reader->line++;
    while (line->left > 0 && (line->at[0] == ' ' || line->at[0] == '\t'))
        byte_reader_skip(line, 1);
    while (line->left > 0 && (line->at[line->left - 1] == ' ' || line->at[line->left - 1] == '\t'))
        line->left--;
    return true;
}

static bool starts(const struct byte_reader *line, const char *text)
{
    return line->left >= strlen(text) && memcmp(line->at, text, strlen(text)) == 0;
}

static void label_of(const struct byte_reader *line, char *label, size_t size)
{
    const uint8_t *at = line->at + strlen(PEM_BEGIN);
    size_t len = line->left - strlen(PEM_BEGIN);
    while (len > 0 && at[len - 1] == '-')
        len--;
    if (len > size - 1)
        len = size - 1;
    memcpy(label, at, len);
    label[len] = '\0';
}

/* Adds the line's base64; false where a character is none of it. Headers ("Proc-Type: ...") hold a colon. */
static bool base64_add(EVP_ENCODE_CTX *decoder, struct pem_block *block, const struct byte_reader *line)
{
    int added = 0;
    if (line->left > INT32_MAX / 2 || memchr(line->at, ':', line->left) != NULL)
        return line->left <= INT32_MAX / 2;
    block->der = xrealloc(block->der, block->len + line->left + 80);
    if (EVP_DecodeUpdate(decoder, block->der + block->len, &added, line->at, (int)line->left) < 0)
        return false;
    block->len += (size_t)added;
    return true;
}

static void body_read(struct pem_reader *reader, struct pem_block *block)
{
    EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
    EVP_DecodeInit(decoder);
    int added = 0;
    struct pem_reader before = *reader;
    struct byte_reader line;
    block->fault = "the block has no END line";
    while (line_next(reader, &line)) {
        if (starts(&line, PEM_BEGIN)) {         /* the next block begins inside of this one */
            *reader = before;
            break;
        }
        before = *reader;
        if (starts(&line, PEM_END)) {
            block->fault = NULL;
            break;
        }
        if (!base64_add(decoder, block, &line)) {
            block->fault = "the block holds a character that is not base64";
            break;
        }
    }
    if (block->fault == NULL && (block->der == NULL || EVP_DecodeFinal(decoder, block->der + block->len, &added) < 0))
        block->fault = block->der == NULL ? "the block is empty" : "the block's base64 is cut off";
    block->len += added > 0 ? (size_t)added : 0;
    EVP_ENCODE_CTX_free(decoder);
    if (block->fault != NULL) {
        free(block->der);
        block->der = NULL;
        block->len = 0;
    }
}

bool pem_next(struct pem_reader *reader, struct pem_block *block)
{
    struct byte_reader line;
    while (line_next(reader, &line)) {
        if (!starts(&line, PEM_BEGIN))
            continue;
        *block = (struct pem_block){.line = reader->line};
        label_of(&line, block->label, sizeof block->label);
        body_read(reader, block);
        return true;
    }
    return false;
}

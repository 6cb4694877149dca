#include "store.h"

#include <errno.h>
#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "whole_file.h"

/* Far beyond any network that can be trained here; keeps a wrong path from filling the memory. */
static const size_t size_max = (size_t)1 << 30;

int store_save(const char *path, const struct da3d_model *model, uint8_t digest[STORE_DIGEST],
               struct da3d_error *error)
{
    size_t size;
    uint8_t *body = da3d_model_encode(model, &size);
    int rc;

    if (!body)
        return da3d_fail(error, "%s", strerror(errno));
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, body, size);
    rc = whole_file_replace(path, (struct file_part[]){{body, size}, {digest, STORE_DIGEST}}, 2,
                            error);
    free(body);
    return rc;
}

static int verify(const uint8_t *bytes, size_t size, struct stored_model *out,
                  struct da3d_error *error)
{
    size_t body = size - STORE_DIGEST;

    gcry_md_hash_buffer(GCRY_MD_SHA256, out->digest, bytes, body);
    if (memcmp(bytes, da3d_model_magic, sizeof da3d_model_magic) != 0)
        return da3d_fail(error, "not a da3dd model");
    if (memcmp(out->digest, bytes + body, STORE_DIGEST) != 0)
        return da3d_fail(error, "damaged: its checksum does not match (truncated or altered)");
    return da3d_model_decode(bytes, body, &out->model, error);
}

int store_load(const char *path, struct stored_model *out, struct da3d_error *error)
{
    size_t size;
    uint8_t *bytes = whole_file_read(path, size_max, &size, error);
    int rc;

    *out = (struct stored_model){0};
    if (!bytes)
        return -1;
    if (size < sizeof da3d_model_magic + STORE_DIGEST)
        rc = da3d_fail(error, "not a da3dd model, or truncated");
    else
        rc = verify(bytes, size, out, error);
    free(bytes);
    return rc;
}

int store_copy(const char *from, const char *to, struct da3d_error *error)
{
    size_t size;
    uint8_t *bytes = whole_file_read(from, size_max, &size, error);
    int rc = -1;

    if (bytes)
        rc = whole_file_replace(to, &(struct file_part){bytes, size}, 1, error);
    free(bytes);
    return rc;
}

int store_digest(const char *path, uint8_t digest[STORE_DIGEST], struct da3d_error *error)
{
    size_t size;
    uint8_t *bytes = whole_file_read(path, size_max, &size, error);

    if (!bytes)
        return -1;
    if (size < STORE_DIGEST) {
        free(bytes);
        return da3d_fail(error, "not a da3dd model, or truncated");
    }
    memcpy(digest, bytes + size - STORE_DIGEST, STORE_DIGEST);
    free(bytes);
    return 0;
}

void store_clear(struct stored_model *stored)
{
    da3d_model_free(stored->model);
    *stored = (struct stored_model){0};
}

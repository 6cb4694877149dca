#include "model_name.h"

#include <sodium.h>
#include <string.h>

bool model_name_valid(const char *name)
{
    if (strlen(name) != MODEL_NAME - 1 || name[8] != 'T' || name[15] != 'Z' || name[16] != '-')
        return false;
    return strspn(name, "0123456789") == 8 && strspn(name + 9, "0123456789") == 6 &&
           strspn(name + MODEL_NAME_TIME, "0123456789abcdef") == MODEL_NAME_DIGEST - 1;
}

void model_name_digest(const uint8_t digest[STORE_DIGEST], char out[MODEL_NAME_DIGEST])
{
    sodium_bin2hex(out, MODEL_NAME_DIGEST, digest, (MODEL_NAME_DIGEST - 1) / 2);
}

bool model_name_has(const char *name, const char digest[MODEL_NAME_DIGEST])
{
    return strcmp(name + MODEL_NAME_TIME, digest) == 0;
}

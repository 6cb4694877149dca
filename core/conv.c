#include "conv.h"

#include <stdbool.h>
#include <string.h>

#include "blas.h"

/* Patches of one product at most, in floats: 1 MB. */
enum { SCRATCH_MAX = 1 << 18 };

static uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Zeros before the first of large pixels, so that small steps of a kernel cover them evenly. */
static uint32_t zeros_before(uint32_t large, uint32_t small, struct conv_kernel kernel)
{
    uint32_t covered = (small - 1) * kernel.stride + kernel.size;
    return covered > large ? (covered - large) / 2 : 0;
}

static struct conv between(struct conv_image large, struct conv_image small,
                           struct conv_kernel kernel)
{
    const bool same = kernel.padding == CONV_SAME;
    return (struct conv){
        .large = large,
        .small = small,
        .kernel = kernel.size,
        .stride = kernel.stride,
        .top = same ? zeros_before(large.height, small.height, kernel) : 0,
        .left = same ? zeros_before(large.width, small.width, kernel) : 0,
    };
}

static uint32_t shrunk(uint32_t large, struct conv_kernel kernel)
{
    uint32_t room = kernel.padding == CONV_SAME ? large - 1 : large - kernel.size;
    return room / kernel.stride + 1;
}

struct conv conv_from(struct conv_image large, uint32_t channels, struct conv_kernel kernel)
{
    struct conv_image small = {shrunk(large.height, kernel), shrunk(large.width, kernel), channels};
    return between(large, small, kernel);
}

static uint32_t grown(uint32_t small, struct conv_kernel kernel)
{
    return kernel.padding == CONV_SAME
               ? small * kernel.stride
               : (small - 1) * kernel.stride + max_u32(kernel.size, kernel.stride);
}

struct conv conv_transposed_from(struct conv_image small, uint32_t channels,
                                 struct conv_kernel kernel)
{
    struct conv_image large = {grown(small.height, kernel), grown(small.width, kernel), channels};
    return between(large, small, kernel);
}

/* Floats of a row of a patch: the pixels that one row of the kernel covers. */
static size_t run_size(const struct conv *c)
{
    return (size_t)c->kernel * c->large.channels;
}

static size_t patch_size(const struct conv *c)
{
    return c->kernel * run_size(c);
}

static size_t patches_size(const struct conv *c)
{
    return conv_pixels(&c->small) * patch_size(c);
}

size_t conv_n_weights(const struct conv *conv)
{
    return patch_size(conv) * conv->small.channels;
}

/* Images whose patches are in scratch at a time. */
static size_t chunk_images(const struct conv *c)
{
    size_t n = SCRATCH_MAX / patches_size(c);
    return n > 0 ? n : 1;
}

size_t conv_scratch(const struct conv *conv)
{
    return chunk_images(conv) * patches_size(conv);
}

/* The part of a patch's row that lies within the large image; outside there are zeros. */
struct run {
    size_t skip, n; /* floats before it and in it */
    size_t at;      /* index of its first float in the large image */
};

/* The kernel's row k at the small image's pixel (y, x). */
static struct run run_at(const struct conv *c, uint32_t y, uint32_t x, uint32_t k)
{
    const size_t channels = c->large.channels;
    const int64_t row = (int64_t)y * c->stride + k - c->top;
    const int64_t column = (int64_t)x * c->stride - c->left;
    const int64_t first = column < 0 ? -column : 0;
    const int64_t room = c->large.width - column, end = room < c->kernel ? room : c->kernel;
    if (row < 0 || row >= c->large.height || end <= first) {
        return (struct run){0};
    }
    return (struct run){
        .skip = (size_t)first * channels,
        .n = (size_t)(end - first) * channels,
        .at = (size_t)(row * c->large.width + column + first) * channels,
    };
}

/* im2col of one image. */
static void to_patches(const struct conv *c, const float *restrict large, float *restrict patch)
{
    const size_t size = run_size(c);
    for (uint32_t y = 0; y < c->small.height; y++) {
        for (uint32_t x = 0; x < c->small.width; x++) {
            for (uint32_t k = 0; k < c->kernel; k++, patch += size) {
                struct run run = run_at(c, y, x, k);
                if (run.n < size) {
                    memset(patch, 0, size * sizeof *patch);
                }
                memcpy(patch + run.skip, large + run.at, run.n * sizeof *patch);
            }
        }
    }
}

/* col2im of one image: adds each patch where it came from. */
static void add_patches(const struct conv *c, const float *restrict patch, float *restrict large)
{
    const size_t size = run_size(c);
    for (uint32_t y = 0; y < c->small.height; y++) {
        for (uint32_t x = 0; x < c->small.width; x++) {
            for (uint32_t k = 0; k < c->kernel; k++, patch += size) {
                struct run run = run_at(c, y, x, k);
                for (size_t i = 0; i < run.n; i++) {
                    large[run.at + i] += patch[run.skip + i];
                }
            }
        }
    }
}

/* A part of a batch whose patches fit into scratch. */
struct chunk {
    size_t first, n;       /* images */
    size_t pixels;         /* of their small images together: rows of patches and of small */
    struct matrix patches; /* (pixels, patch size), in scratch */
    size_t large, small;   /* where its images begin, in floats */
};

/* The chunk that begins at an image. */
static struct chunk chunk_at(const struct conv_batch *batch, size_t first)
{
    const struct conv *c = batch->conv;
    const size_t left = batch->n - first, most = chunk_images(c), n = left < most ? left : most;
    return (struct chunk){
        .first = first,
        .n = n,
        .pixels = n * conv_pixels(&c->small),
        .patches = {batch->scratch, patch_size(c)},
        .large = first * conv_size(&c->large),
        .small = first * conv_size(&c->small),
    };
}

static void fill_patches(const struct conv_batch *batch, const struct chunk *chunk,
                         const float *large)
{
    const struct conv *c = batch->conv;
    for (size_t i = 0; i < chunk->n; i++) {
        to_patches(c, large + chunk->large + i * conv_size(&c->large),
                   batch->scratch + i * patches_size(c));
    }
}

void conv_down(const struct conv_batch *batch, const float *weights, const float *large, float beta,
               float *small)
{
    const size_t channels = batch->conv->small.channels;
    struct chunk chunk;
    for (size_t done = 0; done < batch->n; done += chunk.n) {
        chunk = chunk_at(batch, done);
        fill_patches(batch, &chunk, large);
        blas_nn((struct blas_shape){chunk.pixels, channels, chunk.patches.ld},
                matrix_in(chunk.patches), (struct matrix_in){weights, channels}, beta,
                (struct matrix){small + chunk.small, channels});
    }
}

void conv_up(const struct conv_batch *batch, const float *weights, const float *small, float beta,
             float *large)
{
    const struct conv *c = batch->conv;
    const size_t channels = c->small.channels;
    struct chunk chunk;
    if (beta == 0.0F) {
        memset(large, 0, batch->n * conv_size(&c->large) * sizeof *large);
    }
    for (size_t done = 0; done < batch->n; done += chunk.n) {
        chunk = chunk_at(batch, done);
        blas_nt((struct blas_shape){chunk.pixels, chunk.patches.ld, channels},
                (struct matrix_in){small + chunk.small, channels},
                (struct matrix_in){weights, channels}, 0.0F, chunk.patches);
        for (size_t i = 0; i < chunk.n; i++) {
            add_patches(c, batch->scratch + i * patches_size(c),
                        large + chunk.large + i * conv_size(&c->large));
        }
    }
}

void conv_weights(const struct conv_batch *batch, const float *large, const float *small,
                  float *grad)
{
    const size_t channels = batch->conv->small.channels;
    struct chunk chunk;
    for (size_t done = 0; done < batch->n; done += chunk.n) {
        chunk = chunk_at(batch, done);
        fill_patches(batch, &chunk, large);
        blas_tn((struct blas_shape){chunk.patches.ld, channels, chunk.pixels},
                matrix_in(chunk.patches), (struct matrix_in){small + chunk.small, channels},
                done > 0 ? 1.0F : 0.0F, (struct matrix){grad, channels});
    }
}

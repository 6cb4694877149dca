#include "roc.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plot in the picture, in pixels. */
static const double left = 60, top = 40, side = 400;

/* Could a file that does not exist be made? Returns 0, or -1 with errno. */
static int check_folder(const char *path)
{
    char copy[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || path[length - 1] == '/' || length >= sizeof copy) {
        errno = length >= sizeof copy ? ENAMETOOLONG : ENOENT;
        return -1;
    }
    strcpy(copy, path);
    return access(dirname(copy), W_OK | X_OK);
}

int roc_check_writable(const char *path, struct da3d_error *error)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return da3d_fail(error, "%s", strerror(EISDIR));
    if (access(path, W_OK) == 0 || (errno == ENOENT && check_folder(path) == 0))
        return 0;
    return da3d_fail(error, "%s", strerror(errno));
}

/* Returns 0, or -1 with *error. Closes file. */
static int finish(FILE *file, struct da3d_error *error)
{
    int failed = ferror(file);

    errno = failed ? EIO : 0;
    if (fclose(file) == EOF || failed)
        return da3d_fail(error, "%s", strerror(errno));
    return 0;
}

int roc_write_csv(const char *path, const struct metrics_point *points, size_t n,
                  struct da3d_error *error)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return da3d_fail(error, "%s", strerror(errno));
    fputs("fpr,tpr,threshold\n", file);
    for (size_t i = 0; i < n; i++)
        fprintf(file, "%.9g,%.9g,%.9g\n", points[i].fpr, points[i].tpr,
                (double)points[i].threshold);
    return finish(file, error);
}

static double x_of(double fpr)
{
    return left + fpr * side;
}

static double y_of(double tpr)
{
    return top + (1 - tpr) * side;
}

static void draw_grid(FILE *file)
{
    for (int i = 0; i <= 5; i++) {
        double share = i / 5.0;

        fprintf(file,
                "<path class=\"grid\" d=\"M%g %gV%gM%g %gH%g\"/>\n"
                "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%g</text>\n"
                "<text x=\"%g\" y=\"%g\" text-anchor=\"end\">%g</text>\n",
                x_of(share), y_of(1), y_of(0), x_of(0), y_of(share), x_of(1), x_of(share),
                y_of(0) + 18, share, x_of(0) - 8, y_of(share) + 4, share);
    }
}

/* Points that move the pen by less than a fifth of a pixel are left out, but for the last. */
static void draw_curve(FILE *file, const struct metrics_point *points, size_t n)
{
    double x = x_of(0), y = y_of(0);

    fprintf(file, "<path class=\"curve\" d=\"M%g %g", x, y);
    for (size_t i = 0; i < n; i++) {
        double to_x = x_of(points[i].fpr), to_y = y_of(points[i].tpr);

        if (fabs(to_x - x) + fabs(to_y - y) < 0.2 && i + 1 < n)
            continue;
        fprintf(file, "L%.1f %.1f", to_x, to_y);
        x = to_x;
        y = to_y;
    }
    fputs("\"/>\n", file);
}

int roc_write_svg(const char *path, const struct metrics_point *points, size_t n, double auc,
                  double ap, struct da3d_error *error)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return da3d_fail(error, "%s", strerror(errno));
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"500\" height=\"500\" "
          "viewBox=\"0 0 500 500\" font-family=\"sans-serif\" font-size=\"12\">\n"
          "<style>path{fill:none}.grid{stroke:#ddd}.chance{stroke:#888;stroke-dasharray:4}"
          ".curve{stroke:#0a58ca;stroke-width:2}</style>\n"
          "<rect width=\"500\" height=\"500\" fill=\"#fff\"/>\n",
          file);
    fprintf(file,
            "<text x=\"%g\" y=\"24\" text-anchor=\"middle\" font-size=\"15\">ROC curve: AUC %.4f, "
            "AP %.4f</text>\n",
            left + side / 2, auc, ap);
    draw_grid(file);
    fprintf(file, "<path class=\"chance\" d=\"M%g %gL%g %g\"/>\n", x_of(0), y_of(0), x_of(1),
            y_of(1));
    draw_curve(file, points, n);
    fprintf(file,
            "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">false alarms, share of normal</text>\n"
            "<text transform=\"translate(18 %g) rotate(-90)\" text-anchor=\"middle\">found, share "
            "of attacks</text>\n</svg>\n",
            left + side / 2, y_of(0) + 40, top + side / 2);
    return finish(file, error);
}

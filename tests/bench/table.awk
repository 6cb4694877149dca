# From lines "ROUND NAME THREADS MILLISECONDS GFLOP": rates, and ratios taken within each round.

# Remembers a value of a row for this round.
function add(row, value) {
    sample[row, ++count[row]] = value
}

# Sorts a row's samples, few as they are.
function order(row,    i, j, held) {
    for (i = 2; i <= count[row]; i++) {
        held = sample[row, i]
        for (j = i - 1; j >= 1 && sample[row, j] > held; j--) sample[row, j + 1] = sample[row, j]
        sample[row, j + 1] = held
    }
}

function print_row(title, row, format, bar,    n, middle) {
    n = count[row]
    if (n == 0) {
        printf "%-60s %9s\n", title, "skipped"
        return
    }
    order(row)
    middle = n % 2 ? sample[row, (n + 1) / 2] : (sample[row, n / 2] + sample[row, n / 2 + 1]) / 2
    printf "%-60s " format " " format " " format "  %s\n", title, middle, sample[row, 1],
        sample[row, n], bar
}

{
    round = $1; threads = $3
    ms[round, $2, threads] = $4
    rate[round, $2, threads] = $4 > 0 ? $5 / $4 * 1000 : 0
    rounds = round > rounds ? round : rounds
    # The best rate of the large squares measured since the last piece of work.
    if ($2 ~ /^square/) {
        if (rate[round, $2, threads] > best) best = rate[round, $2, threads]
        if ($2 == "square-1024") {
            peak[round, work, threads] = best
            add("peak " threads, best)
        }
    } else if ($2 !~ /products$/) {
        work = $2
        best = 0
    }
}

# One piece of work on so many threads: its time, its share of both peaks.
function print_work(title, work, t, bar,    r, row) {
    row = work " " t
    for (r = 1; r <= rounds; r++) {
        add(row " ms", ms[r, work, t])
        add(row " peak", 100 * rate[r, work, t] / peak[r, work, t])
        add(row " products", 100 * rate[r, work, t] / rate[r, work "-products", t])
        if (t > 1) add(row " faster", ms[r, work, 1] / ms[r, work, t])
    }
    print_row(title ", " t (t > 1 ? " threads" : " thread") ", ms", row " ms", "%9.3f", "")
    print_row("    % of sgemm peak", row " peak", "%9.1f", bar)
    print_row("    % of the rate of its products alone" (t > 1 ? ", by BLAS's threads" : ""),
        row " products", "%9.1f", "")
    if (t > 1) print_row("    times as fast as one thread", row " faster", "%9.2f", "")
}

function print_stage(title, work, bar1, bar2) {
    print_work(title, work, 1, bar1)
    print_work(title, work, 2, bar2)
}

function least(a, b) {
    return a < b ? a : b
}

END {
    printf "%-60s %9s %9s %9s  %s\n", "", "median", "min", "max", "bar"
    print_row("sgemm, best of large squares, 1 thread, GFLOP/s", "peak 1", "%9.1f", "")
    print_row("sgemm, best of large squares, one per thread, 2, GFLOP/s", "peak 2", "%9.1f", "")
    print_stage("KDD stage 1", "kdd-stage1", "", "")
    print_stage("KDD stage 2", "kdd-stage2", ">= 80", ">= 70")
    print_stage("DoH stage 1", "doh-stage1", "", "")
    print_stage("DoH stage 2", "doh-stage2", "", "")
    print_stage("Images of 28 x 28, stage 1, batch of 512", "image-stage1", "", "")
    print_stage("Images of 28 x 28, stage 2, batch of 512", "image-stage2", "", "")
    print_work("Images of 28 x 28, scoring, 512", "image-score", 1, "")
    print_work("KDD scoring, 4096 rows", "kdd-score", 1, ">= 85")
    for (r = 1; r <= rounds; r++) {
        for (t = 1; t <= 2; t++) {
            add("images 1 " t, 512 / ms[r, "image-stage1", t] * 1000)
            add("images 2 " t, 512 / ms[r, "image-stage2", t] * 1000)
        }
        add("images", 512 / ms[r, "image-score", 1] * 1000)
        add("rows", 4096 / ms[r, "kdd-score", 1] * 1000)
        add("single", ms[r, "kdd-score-1", 1] / 32 * 1000)
        if (!((r, "torch-stage2", 1) in ms)) continue
        for (t = 1; t <= 2; t++) add("torch " t, ms[r, "torch-stage2", t])
        add("faster 1", ms[r, "torch-stage2", 1] / ms[r, "kdd-stage2", 1])
        theirs = least(ms[r, "torch-stage2", 1], ms[r, "torch-stage2", 2])
        add("faster", theirs / least(ms[r, "kdd-stage2", 1], ms[r, "kdd-stage2", 2]))
    }
    for (t = 1; t <= 2; t++) {
        print_row("Images, stage 1, images/s, threads: " t, "images 1 " t, "%9.0f", "")
        print_row("Images, stage 2, images/s, threads: " t, "images 2 " t, "%9.0f", "")
    }
    print_row("Images, scoring, images/s", "images", "%9.0f", "")
    print_row("KDD scoring, rows/s", "rows", "%9.0f", "")
    print_row("KDD scoring, one row at a time, us", "single", "%9.1f", "")
    print_row("KDD stage 2 in PyTorch, 1 thread, ms", "torch 1", "%9.3f", "")
    print_row("KDD stage 2 in PyTorch, 2 threads, ms", "torch 2", "%9.3f", "")
    print_row("KDD stage 2, steps/s, times PyTorch's on one thread", "faster 1", "%9.2f", "")
    print_row("KDD stage 2, steps/s, times PyTorch's, each at its best", "faster", "%9.2f",
        ">= 1.4")
}

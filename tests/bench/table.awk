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
        printf "%-52s %10s\n", title, "skipped"
        return
    }
    order(row)
    middle = n % 2 ? sample[row, (n + 1) / 2] : (sample[row, n / 2] + sample[row, n / 2 + 1]) / 2
    printf "%-52s " format " " format " " format "  %s\n", title, middle, sample[row, 1],
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

# Rows of one piece of work: its time, its share of both peaks.
function collect(work,    r, t) {
    for (r = 1; r <= rounds; r++) {
        for (t = 1; t <= 2; t++) {
            add(work " ms " t, ms[r, work, t])
            add(work " peak " t, 100 * rate[r, work, t] / peak[r, work, t])
            add(work " products " t, 100 * rate[r, work, t] / rate[r, work "-products", t])
        }
    }
}

function print_work(title, work, bar1, bar2) {
    collect(work)
    print_row(title ", 1 thread, ms", work " ms 1", "%9.3f", "")
    print_row("    % of sgemm peak", work " peak 1", "%9.1f", bar1)
    print_row("    % of its own products' rate", work " products 1", "%9.1f", "")
    print_row(title ", 2 threads, ms", work " ms 2", "%9.3f", "")
    print_row("    % of sgemm peak", work " peak 2", "%9.1f", bar2)
    print_row("    % of its own products' rate", work " products 2", "%9.1f", "")
}

END {
    printf "%-52s %9s %9s %9s  %s\n", "", "median", "min", "max", "bar"
    print_row("sgemm, best of large squares, 1 thread, GFLOP/s", "peak 1", "%9.1f", "")
    print_row("sgemm, best of large squares, 2 threads, GFLOP/s", "peak 2", "%9.1f", "")
    print_work("KDD stage 1", "kdd-stage1", "", "")
    print_work("KDD stage 2", "kdd-stage2", ">= 80", ">= 70")
    print_work("DoH stage 1", "doh-stage1", "", "")
    print_work("DoH stage 2", "doh-stage2", "", "")
    print_work("KDD scoring, 4096 rows", "kdd-score", ">= 85", "")
    for (r = 1; r <= rounds; r++) {
        for (t = 1; t <= 2; t++) add("rows " t, 4096 / ms[r, "kdd-score", t] * 1000)
        add("single", ms[r, "kdd-score-1", 1] / 32 * 1000)
        if ((r, "torch-stage2", 1) in ms) {
            ours = ms[r, "kdd-stage2", 1] < ms[r, "kdd-stage2", 2] ? ms[r, "kdd-stage2", 1] : ms[r, "kdd-stage2", 2]
            theirs = ms[r, "torch-stage2", 1] < ms[r, "torch-stage2", 2] ? ms[r, "torch-stage2", 1] : ms[r, "torch-stage2", 2]
            for (t = 1; t <= 2; t++) add("torch " t, ms[r, "torch-stage2", t])
            add("faster 1", ms[r, "torch-stage2", 1] / ms[r, "kdd-stage2", 1])
            add("faster", theirs / ours)
        }
    }
    print_row("KDD scoring, 1 thread, rows/s", "rows 1", "%9.0f", "")
    print_row("KDD scoring, 2 threads, rows/s", "rows 2", "%9.0f", "")
    print_row("KDD scoring row by row, us a row", "single", "%9.1f", "")
    print_row("KDD stage 2 in PyTorch, 1 thread, ms", "torch 1", "%9.3f", "")
    print_row("KDD stage 2 in PyTorch, 2 threads, ms", "torch 2", "%9.3f", "")
    print_row("steps/s, times PyTorch's, 1 thread each", "faster 1", "%9.2f", "")
    print_row("steps/s, times PyTorch's, each at its best", "faster", "%9.2f", ">= 1.4")
}

#!/usr/bin/python3
"""Wrong configurations, each with what must be said of it: config.py DA3DD FOLDER. Prints TAP."""
import pathlib
import subprocess
import sys

# (name, file, fault): the fault is the whole line behind "da3dd: error: FILE: ".
WRONG = [
    # Text
    ("a zero byte", b"flow:\n  idle: \x0040s\n", "line 2: not UTF-8 text: control characters are not allowed"),
    ("Latin-1", b"# Gr\xfc\xdfe\nmodel: /m\n", "line 1: not UTF-8 text: invalid leading UTF-8 octet"),
    ("a stray byte", b"model: /m\nflow:\n  idle: \xff\n", "line 3: not UTF-8 text: invalid leading UTF-8 octet"),
    ("UTF-16", "model: /m\n".encode("utf-16"), "line 1: not UTF-8 text: invalid leading UTF-8 octet"),
    ("an overlong form", b"model: /\xc0\xaf\n", "line 1: not UTF-8 text: invalid length of a UTF-8 sequence"),
    ("a surrogate", b"model: /\xed\xa0\x80\n", "line 1: not UTF-8 text: invalid Unicode character"),
    ("an escape sequence", b"model: /\x1b[31m\n", "line 1: not UTF-8 text: control characters are not allowed"),
    ("random bytes", bytes(range(128, 256)), "line 1: not UTF-8 text: invalid leading UTF-8 octet"),
    ("a huge file", b"#" * 300000, "longer than 256 KiB"),
    # YAML
    ("a tab", b"flow:\n\tidle: 40s\n", "line 2: not YAML: found character that cannot start any token while scanning for the next token"),
    ("an open quote", b'model: "/m\nflow:\n  idle: 40s\n', "line 4: not YAML: found unexpected end of stream while scanning a quoted scalar"),
    ("an open list", b"interfaces: [\n", "line 2: not YAML: did not find expected node content while parsing a flow node"),
    ("a wrong indent", b"flow:\n  idle: 40s\n active: 2m\n", "line 3: not YAML: did not find expected key while parsing a block mapping"),
    ("a missing colon", b"flow:\n  idle: 40s\n  active\n  linger: 5s\n", "line 4: not YAML: could not find expected ':' while scanning a simple key"),
    ("a bad escape", b'model: "/\\q"\n', "line 1: not YAML: found unknown escape character while parsing a quoted scalar"),
    ("an unknown version", b"%YAML 3.0\n---\nmodel: /m\n", "line 1: not YAML: found incompatible YAML document"),
    ("two documents", b"model: /m\n---\nmodel: /n\n", "line 2: a second document begins: one is expected"),
    ("an anchor", b"flow: &f\n  idle: 40s\n", "line 1: anchors (&name) are not supported"),
    ("an anchored value", b"flow:\n  idle: &i 40s\n", "line 2: anchors (&name) are not supported"),
    ("an alias", b"flow:\n  idle: *i\n", "line 2: aliases (*name) are not supported"),
    ("a bomb", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "line 1: anchors (&name) are not supported"),
    ("a tag", b"flow:\n  idle: !!str 40s\n", "line 2: tags (!name) are not supported"),
    ("a merge", b"flow:\n  <<: {idle: 40s}\n", "line 2: flow.<<: there is no such key"),
    ("deep nesting", b"[" * 500, "line 1: nested too deeply"),
    ("deeper nesting", b"[" * 100000, "line 1: nested too deeply"),
    ("many items", b"suppress: [" + b"1," * 2000 + b"1]\n", "line 1: too many keys or items"),
    ("a list for a key", b"? [a, b]\n: c\n", "line 1: a key is a word, not a list or a map"),
    ("a duplicate key", b"flow:\n  idle: 40s\n  idle: 30s\n", "line 3: the key 'idle' is given twice"),
    ("a duplicate section", b"flow:\n  idle: 40s\nflow:\n  linger: 1s\n", "line 3: the key 'flow' is given twice"),
    # The operator's socket
    ("a relative control path", b"control:\n  path: control.sock\n", "line 2: control.path: 'control.sock' is not an absolute path"),
    ("a wrong control mode", b"control:\n  mode: 0999\n", "line 2: control.mode: '0999' is not"),
    ("a control switch", b"control: on\n", "line 1: control: keys are expected, as in 'path: ...'"),
    # Keys
    ("no keys at all", b"da3dd\n", "line 1: keys are expected, as in 'model: ...'"),
    ("a list at the top", b"- model: /m\n", "line 1: keys are expected, as in 'model: ...'"),
    ("an unknown section", b"flows:\n  idle: 40s\n", "line 1: flows: there is no such key; is it 'flow'?"),
    ("an unknown section like none", b"kafka:\n  x: y\n", "line 1: kafka: there is no such key"),
    ("an unknown key", b"flow:\n  idel: 40s\n", "line 2: flow.idel: there is no such key; is it 'idle'?"),
    ("a key like none", b"flow:\n  color: red\n", "line 2: flow.color: there is no such key"),
    ("a key in capitals", b"Model: /m\n", "line 1: Model: there is no such key"),
    ("an unknown key of an item", b"interfaces:\n  - name: eth0\n    snaplength: 96B\n", "line 3: interfaces.0.snaplength: there is no such key; is it 'snaplen'?"),
    ("a key of another section", b"alerts:\n  idle: 4s\n", "line 2: alerts.idle: there is no such key"),
    ("a long key", b"k" * 100 + b": 1\n", "line 1: " + "k" * 64 + ": there is no such key"),
    ("a key with a line end", b'"a\\nb": 1\n', "line 1: a?b: there is no such key"),
    ("an empty key", b'"": 1\n', "line 1: there is no such key"),
    ("no value", b"flow:\n  idle:\n", "line 2: flow.idle: has no value"),
    ("null", b"flow:\n  idle: ~\n", "line 2: flow.idle: has no value"),
    ("a list for a value", b"flow:\n  idle: [40s]\n", "line 2: flow.idle: one value is expected, not a list or keys"),
    ("keys for a value", b"model:\n  path: /m\n", "line 1: model: one value is expected, not a list or keys"),
    ("a value for keys", b"flow: 40s\n", "line 1: flow: keys are expected, as in 'memcap: ...'"),
    ("a list for keys", b"scoring:\n  - batch: 5\n", "line 1: scoring: keys are expected, as in 'threshold: ...'"),
    ("a value for a list", b"interfaces: eth0\n", "line 1: interfaces: a list is expected, as in '- name: ...'"),
    ("keys for a list", b"outputs:\n  type: stdout\n", "line 1: outputs: a list is expected, as in '- type: ...'"),
    ("an item without its name", b"interfaces:\n  - snaplen: 96B\n", "line 2: interfaces.0: 'name' is missing"),
    ("an item that is a word", b"interfaces:\n  - eth0\n", "line 2: interfaces.0: 'name' is missing"),
    ("an output without its type", b"outputs:\n  - type: stdout\n  - path: /x\n", "line 3: outputs.1: 'type' is missing"),
    ("a rule that is a word", b"suppress:\n  - 192.0.2.7\n", "line 2: suppress.0: keys are expected, as in 'host: ...'"),
    ("too many interfaces", b"interfaces:\n" + b"  - name: e\n" * 65, "line 66: interfaces.64: one too many"),
    ("too many outputs", b"outputs:\n" + b"  - type: stdout\n" * 17, "line 18: outputs.16: one too many"),
    ("too many rules", b"suppress:\n" + b"  - port: 53\n" * 257, "line 258: suppress.256: one too many"),
    # Values
    ("a time without unit", b"flow:\n  idle: 40\n", "line 2: flow.idle: '40' is not a time from 1s to 1d, in whole ns, as in 500ms, 40s, 2m"),
    ("a time that is too long", b"flow:\n  active: 2d\n", "line 2: flow.active: '2d' is not a time from 1s to 1d, in whole ns, as in 500ms, 40s, 2m"),
    ("a time that is too short", b"flow:\n  idle: 500ms\n", "line 2: flow.idle: '500ms' is not a time from 1s to 1d, in whole ns, as in 500ms, 40s, 2m"),
    ("no time at all", b"flow:\n  linger: 0\n", "line 2: flow.linger: '0' is not a time from 1s to 1d, in whole ns, as in 500ms, 40s, 2m"),
    ("a negative time", b"alerts:\n  fold: -1s\n", "line 2: alerts.fold: '-1s' is not a time from 0s to 1d, in whole s, as in 500ms, 40s, 2m"),
    ("a part of a second", b"alerts:\n  fold: 1500ms\n", "line 2: alerts.fold: '1500ms' is not a time from 0s to 1d, in whole s, as in 500ms, 40s, 2m"),
    ("an unknown unit", b"stats:\n  interval: 1 fortnight\n", "line 2: stats.interval: '1 fortnight' is not a time from 0s to 1d, in whole s, as in 500ms, 40s, 2m"),
    ("two units", b"stats:\n  interval: 1m30s\n", "line 2: stats.interval: '1m30s' is not a time from 0s to 1d, in whole s, as in 500ms, 40s, 2m"),
    ("two thresholds", b"scoring:\n  target_fpr: 1%\n  alerts_per_day: 5\n", "scoring: of threshold, target_fpr and alerts_per_day only one can say where alerts begin"),
    ("no wait", b"scoring:\n  wait: 0\n", "line 2: scoring.wait: '0' is not a time from 1ms to 10s, in whole ms, as in 500ms, 40s, 2m"),
    ("a size without unit", b"flow:\n  memcap: 512\n", "line 2: flow.memcap: '512' is not a size from 1MiB to 1TiB, as in 64MiB"),
    ("a size that is too small", b"flow:\n  memcap: 1KiB\n", "line 2: flow.memcap: '1KiB' is not a size from 1MiB to 1TiB, as in 64MiB"),
    ("a size that is too large", b"flow:\n  memcap: 99999999TiB\n", "line 2: flow.memcap: '99999999TiB' is not a size from 1MiB to 1TiB, as in 64MiB"),
    ("a part of a byte", b"flow:\n  memcap: 1048576.5B\n", "line 2: flow.memcap: '1048576.5B' is not a size from 1MiB to 1TiB, as in 64MiB"),
    ("a size in words", b"interfaces:\n  - name: e\n    buffer: large\n", "line 3: interfaces.0.buffer: 'large' is not a size from 1MiB to 2047MiB, as in 64MiB"),
    ("a snaplen below headers", b"interfaces:\n  - name: e\n    snaplen: 14B\n", "line 3: interfaces.0.snaplen: '14B' is not a size from 64B to 256KiB, as in 64MiB"),
    ("no threads", b"interfaces:\n  - name: e\n    threads: 0\n", "line 3: interfaces.0.threads: '0' is not a whole number from 1 to 64"),
    ("half a thread", b"interfaces:\n  - name: e\n    threads: 0.5\n", "line 3: interfaces.0.threads: '0.5' is not a whole number from 1 to 64"),
    ("a number in words", b"scoring:\n  batch: many\n", "line 2: scoring.batch: 'many' is not a whole number from 1 to 65536"),
    ("a hexadecimal number", b"scoring:\n  batch: 0x10\n", "line 2: scoring.batch: '0x10' is not a whole number from 1 to 65536"),
    ("a number with an exponent", b"scoring:\n  queue: 1e3\n", "line 2: scoring.queue: '1e3' is not a whole number from 1 to 4194304"),
    ("an endless number", b"scoring:\n  queue: " + b"9" * 40 + b"\n", "line 2: scoring.queue: '" + "9" * 40 + "' is not a whole number from 1 to 4194304"),
    ("an infinite number", b"scoring:\n  queue: .inf\n", "line 2: scoring.queue: '.inf' is not a whole number from 1 to 4194304"),
    ("no flows", b"flow:\n  max_flows: 0\n", "line 2: flow.max_flows: '0' is not a whole number from 1 to 1000000000"),
    ("a port that is none", b"suppress:\n  - port: 65536\n", "line 2: suppress.0.port: '65536' is not a whole number from 0 to 65535"),
    ("a threshold of 1", b"scoring:\n  threshold: 1\n", "line 2: scoring.threshold: '1' is not a share from 0 to below 1, as in 0.99 or 99%"),
    ("a threshold above", b"scoring:\n  threshold: 120 %\n", "line 2: scoring.threshold: '120 %' is not a share from 0 to below 1, as in 0.99 or 99%"),
    ("a threshold in words", b"scoring:\n  threshold: nan\n", "line 2: scoring.threshold: 'nan' is not a share from 0 to below 1, as in 0.99 or 99%"),
    ("neither true nor false", b"interfaces:\n  - name: a\n    promiscuous: maybe\n", "line 3: interfaces.0.promiscuous: 'maybe' is not true or false"),
    ("a number for a flag", b"interfaces:\n  - name: a\n    promiscuous: 1\n", "line 3: interfaces.0.promiscuous: '1' is not true or false"),
    ("a mode that is none", b"outputs:\n  - type: stdout\n    mode: 0990\n", "line 3: outputs.0.mode: '0990' is not a file mode from 0000 to 0777, as in 0660"),
    ("a mode with more bits", b"outputs:\n  - type: stdout\n    mode: 4755\n", "line 3: outputs.0.mode: '4755' is not a file mode from 0000 to 0777, as in 0660"),
    ("a mode in letters", b"outputs:\n  - type: stdout\n    mode: rw-rw----\n", "line 3: outputs.0.mode: 'rw-rw----' is not a file mode from 0000 to 0777, as in 0660"),
    ("a relative path", b"model: office.da3d\n", "line 1: model: 'office.da3d' is not an absolute path, as in /run/da3dd"),
    ("a control character", b'model: "/m\\n"\n', "line 1: model: a control character is no part of a text"),
    ("an escaped zero byte", b'model: "/m\\0"\n', "line 1: a zero byte: not text"),
    ("a long path", b"model: /" + b"m" * 5000 + b"\n", "line 1: model: longer than 4095 bytes"),
    ("an empty name", b'interfaces:\n  - name: ""\n', "line 2: interfaces.0.name: must not be empty"),
    ("a name without value", b"interfaces:\n  - name:\n", "line 2: interfaces.0.name: has no value"),
    ("an unknown type", b"outputs:\n  - type: kafka\n", "line 2: outputs.0.type: 'kafka' is not one of stdout|socket|file|journal|syslog"),
    ("part of a type", b"outputs:\n  - type: sock\n", "line 2: outputs.0.type: 'sock' is not one of stdout|socket|file|journal|syslog"),
    ("a socket without path", b"outputs:\n  - queue: 5\n    type: socket\n", "line 3: outputs.0.type: socket needs a path"),
    ("a file without path", b"outputs:\n  - type: file\n", "line 2: outputs.0.type: file needs a path"),
    ("a filter that is none", b"interfaces:\n  - name: e\n    filter: tcp prt 80\n", "line 3: interfaces.0.filter: filter 'tcp prt 80': "),
    ("tunnels of no kind", b"flow:\n  tunnels: gre,vpn\n", "line 2: flow.tunnels: 'vpn' is not inner, outer, or one of gre, ipip, 6in4, vxlan, geneve, gtp, teredo, mpls"),
    ("a host that is none", b"suppress:\n  - port: 53\n    host: 192.0.2\n", "line 3: suppress.0.host: '192.0.2' is not an address"),
    ("a network without bits", b"suppress:\n  - network: 192.0.2.0\n", "line 2: suppress.0.network: '192.0.2.0' is not an address and a number of bits, as in 192.0.2.0/24 or 2001:db8::/32"),
    ("too many bits", b"suppress:\n  - network: 192.0.2.0/33\n", "line 2: suppress.0.network: '192.0.2.0/33' is not an address and a number of bits, as in 192.0.2.0/24 or 2001:db8::/32"),
    ("a day that is none", b"suppress:\n  - port: 53\n    until: 2026-02-31\n", "line 3: suppress.0.until: '2026-02-31' is not a time in UTC, as in 2026-12-24T18:00:00Z or 2026-12-24"),
    ("a rule for everything", b"suppress:\n  - until: 2026-12-24\n", "line 2: suppress.0: a host, a network or a port is needed: this suppresses all"),
    ("an empty rule", b"suppress:\n  - {}\n", "line 2: suppress.0: a host, a network or a port is needed: this suppresses all"),
    # The whole
    ("no interface", b"model: /m\n", "interfaces: there is none to listen on"),
    ("no model", b"interfaces:\n  - name: e\n", "model: there is none to score with"),
    ("an empty file", b"", "interfaces: there is none to listen on"),
    ("a file of comments", b"# later\n---\n", "interfaces: there is none to listen on"),
]


def main():
    da3dd, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    path = folder / "wrong.yaml"
    failed = False
    for name, content, fault in WRONG:
        path.write_bytes(content)
        run = subprocess.run([da3dd, "-T", "-c", path], capture_output=True, timeout=60, check=False)
        said = run.stderr.decode(errors="replace").splitlines()
        expected = f"da3dd: error: {path}: {fault}"
        ok = run.returncode == 1 and not run.stdout and len(said) == 1 and said[0].startswith(expected)
        print(f"{'' if ok else 'not '}ok - refused: {name}")
        if not ok:
            failed = True
            print(f"#   status {run.returncode}, expected: {expected}")
            print("".join(f"#   {line}\n" for line in said[:5]), end="")
    print(f"{'' if len(WRONG) >= 60 else 'not '}ok - at least 60 wrong configurations: {len(WRONG)}")
    return failed


sys.exit(main())

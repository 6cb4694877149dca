# shellcheck shell=bash
# The servers of the lab.  Sourced by `run`; everything lives below $TMP.

# shellcheck disable=SC2034  # used by run
DEPS='nginx-light:nginx unbound:unbound nsd:nsd dnsdist:dnsdist
knot-dnsutils:kdig openssh-server:sshd openssh-client:ssh sshpass:sshpass
vsftpd:vsftpd postfix:postfix dovecot-imapd:dovecot
dovecot-lmtpd:/usr/lib/dovecot/lmtp dovecot-pop3d:/usr/lib/dovecot/pop3
inetutils-telnetd:telnetd inetutils-telnet:telnet ftp:ftp chrony:chronyd rsyslog:rsyslogd
bsdutils:logger git:git curl:curl openssl:openssl iputils-ping:ping
iproute2:ip tcpdump:tcpdump nmap:nmap hydra:hydra hping3:hping3
slowhttptest:slowhttptest iodine:iodine dns2tcp:dns2tcpc procps:ps
python3:python3'

# wait_for WHAT CMD...: at most 10 seconds
wait_for() {
    local what=$1 i
    shift
    for ((i = 0; i < 100; i++)); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    echo "lab: $what does not come up" >&2
    return 1
}

# spawn NAME CMD...: a server of that host in the background
spawn() {
    local name=$1
    shift
    on "$name" "$@" >>"$TMP/log/$name.log" 2>&1 </dev/null &
}

# listening NAME PORT: does that host have a socket on the port?
listening() {
    on "$1" ss -Hnltu | awk '{ print $5 }' | grep -q ":$2\$"
}

make_keys() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$TMP/ca.key"
    openssl req -x509 -new -key "$TMP/ca.key" -days 30 -subj "/CN=Lab CA" \
        -out "$TMP/ca.pem"
    openssl ecparam -name prime256v1 -genkey -noout -out "$TMP/key.pem"
    openssl req -new -key "$TMP/key.pem" -subj "/CN=lab.example" \
        -out "$TMP/req.pem"
    {
        printf 'subjectAltName=DNS:*.lab.example,DNS:doh.example'
        printf ',DNS:*.drop.example,DNS:*.sync.example'
        python3 -c '
import sys
sys.path.insert(0, sys.argv[1])
import normal
names = sorted({s[0].split(".", 1)[1] for s in normal.sites()})
print("".join(",DNS:*." + n for n in names))' "$LAB"
    } >"$TMP/san"
    openssl x509 -req -in "$TMP/req.pem" -CA "$TMP/ca.pem" \
        -CAkey "$TMP/ca.key" -CAcreateserial -days 20 -extfile "$TMP/san" \
        -out "$TMP/cert.pem" 2>/dev/null
    ssh-keygen -q -t ed25519 -N '' -C lab -f "$TMP/user_key"
    ssh-keygen -q -t ed25519 -N '' -C lab -f "$TMP/host_key"
    chmod 644 "$TMP/key.pem"
    # every client process may use it, root or not
    chmod 600 "$TMP/user_key"
}

start_nginx() {     # NAME KEEPALIVE_SECONDS [TLS-VERSIONS]
    local dir=$TMP/nginx.$1
    mkdir -p "$dir/put"
    chmod 777 "$dir/put"
    cat >"$dir/conf" <<CONF
pid $dir/pid;
error_log $dir/error.log;
worker_processes 1;
events { worker_connections 400; }
http {
    access_log off;
    default_type text/html;
    client_body_temp_path $dir/t1; proxy_temp_path $dir/t2;
    fastcgi_temp_path $dir/t3; uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
    keepalive_timeout $2;
    client_max_body_size 20m;
    client_header_timeout 40; client_body_timeout 40;
    ssl_certificate $TMP/cert.pem;
    ssl_certificate_key $TMP/key.pem;
    ssl_protocols ${3:-TLSv1.2 TLSv1.3};
    gzip on;
    server {
        listen 80; listen [::]:80;
        listen 443 ssl http2; listen [::]:443 ssl http2;
        root $TMP/site;
        location /app/ {
            proxy_pass http://127.0.0.1:8000;
            proxy_buffering off;
            proxy_read_timeout 90;
        }
        location /moved/ { rewrite ^/moved/(.*) /p/\$1 redirect; }
        location /private/ {
            auth_basic lab;
            auth_basic_user_file $TMP/htpasswd;
        }
        location /put/ { root $dir; dav_methods PUT; }
    }
}
CONF
    spawn "$1" nginx -c "$dir/conf" -g 'daemon off;'
    spawn "$1" python3 "$LAB/normal.py" app
}

start_unbound() {   # NAME LISTEN [DOH]
    local conf=$TMP/unbound.$1
    # shellcheck disable=SC2086  # one line for each address
    cat >"$conf" <<CONF
server:
    $(printf 'interface: %s\n    ' $2)
    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
    username: ""
    chroot: ""
    directory: "$TMP"
    pidfile: ""
    use-syslog: no
    logfile: "$TMP/log/unbound.$1"
    root-hints: "$TMP/root.hints"
    module-config: "iterator"
    qname-minimisation: no
    do-not-query-localhost: no
    local-zone: "invalid." transparent
    cache-max-negative-ttl: 20
    num-threads: 1
CONF
    if [ -n "${3:-}" ]; then
        cat >>"$conf" <<CONF
    interface: $3@443
    https-port: 443
    tls-service-key: "$TMP/key.pem"
    tls-service-pem: "$TMP/cert.pem"
CONF
    fi
    printf 'remote-control:\n    control-enable: no\n' >>"$conf"
    spawn "$1" unbound -d -c "$conf"
}

# A forwarder on the host's own address 127.0.0.1 that speaks DoH to outside.
start_forwarder() { # NAME IDLE_SECONDS HEALTH_SECONDS(0: none) CACHE_ENTRIES [THREADS]
    local conf=$TMP/dnsdist.$1 up=':setUp()'
    [ "$3" = 0 ] || up=
    cat >"$conf" <<CONF
setSecurityPollSuffix("")
setLocal("127.0.0.1:53")
setOutgoingDoHWorkerThreads(${5:-1})
setDoHDownstreamMaxIdleTime($2)
setDoHDownstreamCleanupInterval(5)
newServer({address="$(addr doh):443", tls="openssl", subjectName="doh.example",
  dohPath="/dns-query", caStore="$TMP/ca.pem", checkName="doh.example.",
  checkInterval=${3/#0/60}, maxCheckFailures=5, checkTimeout=3000})$up
CONF
    if [ "$4" != 0 ]; then
        cat >>"$conf" <<CONF
getPool(""):setCache(newPacketCache($4, {maxTTL=600}))
CONF
    fi
    spawn "$1" dnsdist --supervised --disable-syslog -C "$conf"
}

start_sshd() {      # NAME
    mkdir -p /run/sshd
    cat >"$TMP/sshd.$1" <<CONF
Port 22
HostKey $TMP/host_key
PidFile none
AuthorizedKeysFile $TMP/user_key.pub
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication yes
Subsystem sftp internal-sftp
PrintMotd no
CONF
    spawn "$1" /usr/sbin/sshd -D -e -f "$TMP/sshd.$1"
}

start_mail() {
    local p=$TMP/postfix d=$TMP/dovecot
    mkdir -p "$p" "$d" "$TMP/spool" "$TMP/pfdata" "$TMP/mail"
    chown postfix: "$TMP/pfdata"
    chown nobody: "$TMP/mail"
    cat >"$p/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $TMP/spool
data_directory = $TMP/pfdata
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.lab.example
mydestination =
alias_maps =
alias_database =
mynetworks = 10.20.0.0/16 127.0.0.0/8
inet_protocols = all
smtpd_peername_lookup = no
virtual_mailbox_domains = lab.example
virtual_transport = lmtp:inet:127.0.0.1:24
smtpd_tls_cert_file = $TMP/cert.pem
smtpd_tls_key_file = $TMP/key.pem
smtpd_tls_security_level = may
maillog_file = $TMP/log/postfix.log
maillog_file_prefixes = /tmp, $TMP
${POSTFIX_EXTRA:-}
CONF
    cat >"$p/master.cf" <<CONF
smtp      inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
lmtp      unix  - - n - - lmtp
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
CONF
    cat >"$d/conf" <<CONF
base_dir = $d/run
state_dir = $d/state
log_path = $TMP/log/dovecot.log
protocols = imap pop3 lmtp
listen = *, ::
ssl = yes
ssl_cert = <$TMP/cert.pem
ssl_key = <$TMP/key.pem
disable_plaintext_auth = no
mail_location = maildir:~/m
first_valid_uid = 1
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$TMP/mail/%n allow_all_users=yes
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = 24
  }
}
${DOVECOT_EXTRA:-}
CONF
    spawn mail dovecot -F -c "$d/conf"
    spawn mail postfix -c "$p" start-fg
}

start_ftp() {
    mkdir -p "$TMP/ftp/upload" /run/vsftpd/empty
    chown ftp: "$TMP/ftp/upload"
    ln -s "$TMP/site" "$TMP/ftp/pub"
    cat >"$TMP/vsftpd" <<CONF
listen=NO
listen_ipv6=YES
background=NO
anonymous_enable=YES
local_enable=${FTP_LOCAL_USERS:-NO}
write_enable=YES
anon_upload_enable=YES
anon_root=$TMP/ftp
chroot_local_user=NO
seccomp_sandbox=NO
secure_chroot_dir=/run/vsftpd/empty
xferlog_enable=NO
CONF
    # the anonymous user is chrooted: give the files a place inside
    rm "$TMP/ftp/pub"
    cp -r "$TMP/site" "$TMP/ftp/pub"
    spawn files vsftpd "$TMP/vsftpd"
}

start_services() {
    mkdir -p "$TMP/log" "$TMP/site"
    make_keys
    python3 "$LAB/normal.py" zone "$TMP"
    python3 "$LAB/normal.py" site "$TMP/site"
    git init -q --bare "$TMP/repo.git"
    (
        git init -q "$TMP/repo" && cd "$TMP/repo" && cp "$LAB"/*.py . &&
            git config user.email dev@lab.example && git config user.name dev &&
            git add . && git commit -qm one && git push -q "$TMP/repo.git" HEAD
    )

    cat >"$TMP/nsd.conf" <<CONF
server:
    ip-address: 0.0.0.0
    username: ""
    chroot: ""
    zonesdir: "$TMP"
    database: ""
    pidfile: ""
    logfile: "$TMP/log/nsd"
    xfrdfile: "$TMP/xfrd"
    zonelistfile: "$TMP/zonelist"
    xfrdir: "$TMP"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
zone:
    name: "example."
    zonefile: "example.zone"
CONF
    spawn auth nsd -d -c "$TMP/nsd.conf"
    start_unbound ns "0.0.0.0 ::0" "$(addr ns)"
    start_unbound doh 127.0.0.1@5300
    cat >"$TMP/dnsdist.doh" <<CONF
setSecurityPollSuffix("")
setACL({"0.0.0.0/0", "::/0"})
setLocal("$(addr doh):53")
addDOHLocal("$(addr doh):443", "$TMP/cert.pem", "$TMP/key.pem", "/dns-query",
  {idleTimeout=50})
addDOHLocal("[$(addr6 doh)]:443", "$TMP/cert.pem", "$TMP/key.pem", "/dns-query")
newServer({address="127.0.0.1:5300"}):setUp()
CONF
    spawn doh dnsdist --supervised --disable-syslog -C "$TMP/dnsdist.doh"
    start_forwarder branch1 60 0 2000
    start_forwarder branch2 300 23 0 2
    start_forwarder branch3 12 0 500
    start_forwarder client7 25 0 300        # like a browser's own resolver
    start_forwarder client8 90 0 800

    start_nginx web 65
    start_nginx www 20
    start_nginx cdn 75 "TLSv1.3"
    start_nginx far 10 "TLSv1.2"
    start_nginx nvr 30
    start_sshd files
    start_sshd www
    start_mail
    start_ftp

    local c
    cat >"$TMP/chrony.ntp" <<CONF
local stratum 3
allow all
cmdport 0
pidfile $TMP/chrony.ntp.pid
bindcmdaddress /
CONF
    spawn ntp chronyd -d -x -u root -f "$TMP/chrony.ntp"
    for c in client1 client2 client5 web files branch1 mon; do
        cat >"$TMP/chrony.$c" <<CONF
server $(addr ntp) minpoll 4 maxpoll $((5 + ${#c} % 2)) iburst
cmdport 0
pidfile $TMP/chrony.$c.pid
bindcmdaddress /
CONF
        spawn "$c" chronyd -d -x -u root -f "$TMP/chrony.$c"
    done

    cat >"$TMP/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" port="514")
*.* action(type="omfile" file="$TMP/log/syslog")
global(workDirectory="$TMP")
CONF
    spawn mon rsyslogd -n -f "$TMP/rsyslog.conf" -i "$TMP/rsyslog.pid"

    local check
    for check in web:443 www:443 cdn:443 far:443 nvr:80 files:22 files:21 \
        mail:25 mail:993 ns:53 ns:443 doh:443 auth:53 ntp:123 mon:514 \
        branch1:53 branch2:53 branch3:53 client7:53 client8:53; do
        wait_for "$check" listening "${check%:*}" "${check#*:}"
    done
}

# What the attackers and the infected hosts run for themselves.
start_attack_services() {
    start_nginx tund 30
    start_nginx tund2 30
    start_sshd tund
    start_nginx drop 30
    start_sshd drop
    start_nginx c2 5
    start_nginx c2b 90
    spawn tund iodined -f -c -P secret 10.99.0.1/24 tn.example
    cat >"$TMP/dns2tcpd" <<CONF
listen = $(addr tund2)
port = 53
user = nobody
chroot = /tmp
domain = td.example
resources = web:127.0.0.1:80
CONF
    spawn tund2 dns2tcpd -F -d 1 -f "$TMP/dns2tcpd"
    start_forwarder b-doh 20 0 0
    start_forwarder b-doh2 10 0 0
    local check
    for check in tund:53 tund2:53 drop:443 drop:22 c2:443 c2b:443 b-doh:53 \
        b-doh2:53; do
        wait_for "$check" listening "${check%:*}" "${check#*:}"
    done
}

# shellcheck shell=bash
# The recording of what sessions say in the clear.  Sourced by `run`.

# shellcheck disable=SC2034  # used by topology.sh
CONTENT_HOSTS='web|files|mail|client1'

# The accounts of `files`: the namespace sees these files in place of the machine's.
content_accounts() {
    local etc=/etc/netns/${PREFIX}files file user uid=2001
    for file in passwd group shadow; do
        grep -E '^(root|daemon|bin|sys|mail|www-data|nobody|nogroup|ftp):' \
            /etc/$file >"$etc/$file"
    done
    cp -r /etc/pam.d "$etc/"
    sed -i '/^root:/d' "$etc/shadow"
    echo "root:$(openssl passwd -6 toor-secret):19000:0:99999:7:::" >>"$etc/shadow"
    chmod 600 "$etc/shadow"
    for user in ann guest; do
        mkdir -p "$TMP/home/$user"
        chown $uid:$uid "$TMP/home/$user"
        echo "$user:x:$uid:$uid::$TMP/home/$user:/bin/bash" >>"$etc/passwd"
        echo "$user:x:$uid:" >>"$etc/group"
        echo "$user:$(openssl passwd -6 $user-secret):19000:0:99999:7:::" >>"$etc/shadow"
        uid=$((uid + 1))
    done
    # no audit, no records in the machine's own logs
    cat >"$etc/pam.d/login" <<CONF
auth optional pam_faildelay.so delay=500000
auth required pam_unix.so
account required pam_unix.so
session required pam_unix.so
CONF
}

start_content_services() {
    mkdir -p "$TMP/log" "$TMP/site"
    make_keys
    python3 "$LAB/normal.py" site "$TMP/site"
    content_accounts
    mkdir "$TMP/site/private"
    echo "ann:$(openssl passwd -apr1 ann-secret)" >"$TMP/htpasswd"
    POSTFIX_EXTRA="smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $TMP/dovecot/sasl"
    DOVECOT_EXTRA="service auth {
  unix_listener $TMP/dovecot/sasl {
    mode = 0666
  }
}"
    FTP_LOCAL_USERS=YES
    start_nginx web 65
    start_mail
    start_ftp
    spawn files python3 "$LAB/content.py" inetd 23 /usr/sbin/telnetd -h
    local check
    for check in web:80 files:21 files:23 mail:25 mail:110 mail:143; do
        wait_for "$check" listening "${check%:*}" "${check#*:}"
    done
}

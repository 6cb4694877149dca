/* version.h - what `da3dd -V` says. */
#ifndef DAEMON_VERSION_H
#define DAEMON_VERSION_H

#define DA3DD_VERSION "0.1.0"

#endif

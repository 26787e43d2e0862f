"""The sandbox's systemd: one process a machine that runs its units. Python, because TypeScript's runtime can neither
wait on a listening socket without accepting from it, nor receive datagrams of NOTIFY_SOCKET, nor adopt orphans."""

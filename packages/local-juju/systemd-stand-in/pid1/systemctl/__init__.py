"""systemctl(1): verbs, words and exit codes, held to those of systemd 252."""

#!/usr/bin/perl
# A stand-in that asks the machine's supervisor: sends its name, folder and arguments, prints what comes back.
# Perl without modules, because it starts in 2 ms and hooks call systemctl often.
use strict;
use warnings;

my $directory = '@DIRECTORY@';
my ($name) = $0 =~ m{([^/]+)\z};
my $cwd = readlink('/proc/self/cwd') // '/';

# A socket's address holds 107 bytes, and a machine's path may be longer: /proc/self/fd/N stands for its folder.
opendir(my $folder, "$directory/run") or down();
my $path = '/proc/self/fd/' . fileno($folder) . '/control';
socket(my $socket, 1, 1, 0) or die "socket: $!\n";    # AF_UNIX, SOCK_STREAM
connect($socket, pack('Sa*x', 1, $path)) or down();

$SIG{PIPE} = 'IGNORE';
my $data = join('', map { "$_\0" } $name, $cwd, @ARGV);
while (length $data) {
    my $sent = syswrite($socket, $data) // last;
    $data = substr($data, $sent);
}
shutdown($socket, 1);

my $buffer = '';
while (1) {
    while (length($buffer) >= 5) {
        my ($kind, $length) = unpack('aN', $buffer);
        last if length($buffer) < 5 + $length;
        my $text = substr($buffer, 5, $length);
        $buffer = substr($buffer, 5 + $length);
        exit($text) if $kind eq 'x';
        put($kind eq 'o' ? \*STDOUT : \*STDERR, $text);
    }
    my $read = sysread($socket, $buffer, 65536, length $buffer);
    next if !defined $read && $! == 4;    # EINTR
    last if !$read;
}
print STDERR "$name: the machine was stopped\n";
exit 1;

sub put {
    my ($handle, $text) = @_;
    while (length $text) {
        my $sent = syswrite($handle, $text) // exit 1;
        $text = substr($text, $sent);
    }
}

sub down {
    print STDERR "System has not been booted with systemd as init system (PID 1). Can't operate.\n";
    exit 1;
}

/**
 * The program behind every hook tool on a unit's PATH: it hands name, arguments and files to the model over the unit's
 * socket and prints the answer. Perl, because perl-base is Essential on Debian and Ubuntu and starts in milliseconds.
 *
 * Request: number of fields, then each field with its length before it (32 bits, big-endian): context id, tool, stdin,
 * number of arguments, the arguments, then path and content (`+text`, or `-` and why not) of each file they name.
 * Answer: exit code, stdout, stderr.
 */
export const TOOL_CLIENT = String.raw`#!/usr/bin/perl
my ($tool) = $0 =~ m{([^/]+)$};
my ($stdin, @files) = ('');
for my $i (0 .. $#ARGV) {
  my ($path) = $ARGV[$i] =~ /^(?:--file|[^-=][^=]*#file)=(.*)/s;
  $path = $ARGV[$i + 1] if $ARGV[$i] eq '--file';
  next unless defined $path;
  if ($path eq '-') { local $/; binmode STDIN; $stdin = <STDIN> // ''; next }
  if (open my $file, '<:raw', $path) { local $/; push @files, $path, '+' . (<$file> // '') }
  else { push @files, $path, '-' . lcfirst $! }
}
my $address = $ENV{JUJU_AGENT_SOCKET_ADDRESS} or die "ERROR JUJU_AGENT_SOCKET_ADDRESS not set\n";
# The name of a socket has 107 bytes at most, its folder may be deeper.
my ($folder, $name) = $address =~ m{^(.*)/([^/]+)$};
chdir $folder or die "ERROR $folder: $!\n";
# Address family and kind of socket by number: loading a module for their names takes five times as long as all the rest.
socket my $model, 1, 1, 0 or die "ERROR $!\n";
connect $model, pack('S a*', 1, $name) or die "ERROR dial unix $address: $!\n";
binmode $model;
my @fields = ($ENV{JUJU_CONTEXT_ID} // '', $tool, $stdin, scalar @ARGV, @ARGV, @files);
my $request = join '', pack('N', scalar @fields), map { pack 'N/a*', $_ } @fields;
for (my $sent = 0; $sent < length $request;) {
  $sent += syswrite($model, $request, length($request) - $sent, $sent) // die "ERROR $!\n";
}
shutdown $model, 1;
my $answer = do { local $/; <$model> };
die "ERROR the model did not answer\n" unless defined $answer && length $answer >= 12;
my ($code, $out, $err) = unpack 'N N/a* N/a*', $answer;
binmode $_ for *STDOUT, *STDERR;
print STDERR $err;
print STDOUT $out;
exit $code;
`;

"""Runs commands in turn and prints medians of what each cost: wall, CPU, peak memory.

Reads {"runs": N, "commands": {NAME: {"argv": [...], "env": {...}, "cwd": PATH}}} on standard input. Only wait4(2) tells what
one process and its children took, which is why this is not TypeScript.
"""
import json
import os
import statistics
import sys
import time


def run(command):
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.chdir(command['cwd'])
        null = os.open('/dev/null', os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execve(command['argv'][0], command['argv'], command['env'])
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        sys.exit('%s: status %d' % (' '.join(command['argv']), status))
    return {
        'wall': (time.perf_counter() - began) * 1000,
        'cpu': (used.ru_utime + used.ru_stime) * 1000,
        'memory': used.ru_maxrss / 1024,
    }


request = json.load(sys.stdin)
measured = {name: [] for name in request['commands']}
for _ in range(request['runs']):
    for name, command in request['commands'].items():
        measured[name].append(run(command))
json.dump(
    {name: {key: statistics.median(one[key] for one in all) for key in all[0]} for name, all in measured.items()},
    sys.stdout,
)

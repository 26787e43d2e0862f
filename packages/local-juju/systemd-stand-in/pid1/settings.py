"""Which settings the sandbox honours; the others it names once in the unit's journal."""

from __future__ import annotations

UNIT = set(
    "Description Documentation Requires Wants BindsTo PartOf Requisite Conflicts Before After OnFailure OnSuccess "
    "StopPropagatedFrom StartLimitIntervalSec StartLimitInterval StartLimitBurst DefaultDependencies "
    "RefuseManualStart RefuseManualStop ConditionPathExists ConditionPathIsDirectory ConditionFileNotEmpty "
    "AssertPathExists CollectMode StopWhenUnneeded".split()
)
INSTALL = set("WantedBy RequiredBy Alias Also DefaultInstance".split())
EXEC = set(
    "Environment EnvironmentFile UnsetEnvironment PassEnvironment WorkingDirectory UMask User Group "
    "SupplementaryGroups StateDirectory StateDirectoryMode RuntimeDirectory RuntimeDirectoryMode "
    "RuntimeDirectoryPreserve LogsDirectory LogsDirectoryMode CacheDirectory CacheDirectoryMode "
    "ConfigurationDirectory ConfigurationDirectoryMode StandardInput StandardOutput StandardError "
    "SyslogIdentifier SyslogLevel SyslogLevelPrefix LimitNOFILE LimitCORE LimitNPROC LimitAS LimitFSIZE LimitCPU "
    "LimitSTACK LimitDATA LimitMEMLOCK Nice IgnoreSIGPIPE KillMode KillSignal RestartKillSignal FinalKillSignal "
    "SendSIGKILL SendSIGHUP TimeoutStartSec TimeoutStopSec TimeoutSec TimeoutStartFailureMode "
    "TimeoutStopFailureMode LoadCredential SetCredential".split()
)
SERVICE = EXEC | set(
    "Type ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost ExecCondition Restart RestartSec "
    "RestartMode RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus RuntimeMaxSec RemainAfterExit NotifyAccess "
    "Sockets NonBlocking GuessMainPID StartLimitInterval StartLimitBurst".split()
)
SOCKET = EXEC | set(
    "ListenStream Backlog Service Accept SocketMode SocketUser SocketGroup RemoveOnStop ReusePort BindIPv6Only "
    "FileDescriptorName TriggerLimitIntervalSec TriggerLimitBurst FreeBind NoDelay KeepAlive ExecStartPre "
    "ExecStartPost ExecStopPre ExecStopPost Symlinks DeferAcceptSec".split()
)
TIMER = set("OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec Unit AccuracySec RemainAfterElapse".split())
HONOURED = {"Unit": UNIT, "Install": INSTALL, "Service": SERVICE, "Socket": SOCKET, "Timer": TIMER, "Target": set[str]()}

# Known to systemd and left out here: they need users, namespaces or cgroups, which take root.
LEFT_OUT = set(
    "ProtectSystem ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups "
    "ProtectClock ProtectHostname ProtectProc ProcSubset PrivateTmp PrivateDevices PrivateNetwork PrivateUsers "
    "PrivateIPC PrivateMounts NoNewPrivileges CapabilityBoundingSet AmbientCapabilities SecureBits "
    "RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID RestrictFileSystems "
    "LockPersonality MemoryDenyWriteExecute RemoveIPC KeyringMode SystemCallFilter SystemCallArchitectures "
    "SystemCallErrorNumber SystemCallLog DynamicUser ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths "
    "NoExecPaths BindPaths BindReadOnlyPaths TemporaryFileSystem MountFlags RootDirectory RootImage DevicePolicy "
    "DeviceAllow IPAddressAllow IPAddressDeny SocketBindAllow SocketBindDeny MemoryMax MemoryHigh MemoryLow "
    "MemoryMin MemorySwapMax MemoryAccounting CPUQuota CPUWeight CPUAccounting TasksMax TasksAccounting IOWeight "
    "IOAccounting Slice Delegate IPAccounting BlockIOAccounting OOMPolicy OOMScoreAdjust CPUAffinity "
    "CPUSchedulingPolicy IOSchedulingClass IOSchedulingPriority WatchdogSec WatchdogSignal FileDescriptorStoreMax "
    "PIDFile BusName LogRateLimitIntervalSec LogRateLimitBurst LogLevelMax LogExtraFields LogNamespace PAMName "
    "SELinuxContext AppArmorProfile Personality TTYPath UtmpIdentifier TimerSlackNSec CoredumpFilter "
    "RequiresMountsFor PropagatesStopTo PropagatesReloadTo ReloadPropagatedFrom JoinsNamespaceOf Upholds "
    "AllowIsolate IgnoreOnIsolate JobTimeoutSec JobTimeoutAction FailureAction SuccessAction RebootArgument "
    "SourcePath KeepAliveTimeSec KeepAliveIntervalSec KeepAliveProbes Priority ReceiveBuffer SendBuffer IPTOS "
    "IPTTL Mark SmackLabel PassCredentials PassSecurity PassPacketInfo Timestamping TCPCongestion MaxConnections "
    "MaxConnectionsPerSource BindToDevice ListenDatagram ListenSequentialPacket ListenFIFO ListenNetlink "
    "ListenSpecial ListenMessageQueue ListenUSBFunction Broadcast Transparent PipeSize MessageQueueMaxMessages "
    "OnCalendar OnClockChange OnTimezoneChange RandomizedDelaySec FixedRandomDelay Persistent WakeSystem "
    "SetLoginEnvironment NUMAPolicy NUMAMask LoadCredentialEncrypted SetCredentialEncrypted".split()
)


def judge(sections: dict[str, dict[str, list[str]]]) -> tuple[list[str], list[str]]:
    """Names of settings that are left out here, and warnings on those that systemd would not know either."""
    left_out: list[str] = []
    unknown: list[str] = []
    for section, keys in sections.items():
        if section.startswith("X-"):
            continue
        if section not in HONOURED:
            unknown.append(f"Unknown section '{section}'. Ignoring.")
            continue
        for key in keys:
            if key in HONOURED[section] or key.startswith("X-"):
                continue
            if key in LEFT_OUT or key.startswith(("Condition", "Assert", "Limit", "Startup")):
                left_out.append(key)
            else:
                unknown.append(f"Unknown key name '{key}' in section '{section}', ignoring.")
    return left_out, unknown

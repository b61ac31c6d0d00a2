# SPDX-License-Identifier: Apache-2.0
<#
real.ps1 -Build FOLDER: runs on a real Windows what tests/windows/run has built (its folder
build/windows-test, copied there): the contract suite, conformance, the README's session, and what
Wine cannot judge. Run it in an account without secrets in the Credential Manager: it erases them.
#>
param([Parameter(Mandatory = $true)][string]$Build)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$Build = (Resolve-Path $Build).Path
$module = Join-Path $Build 'module\sideseat-pkcs11.dll'
$program = Join-Path $Build 'tools\sideseat-secrets\sideseat-secrets.exe'
$store = Join-Path $Build 'tools\sideseat-store\sideseat-store.exe'
$folder = Join-Path ([IO.Path]::GetTempPath()) ('sideseat-real-' + [Guid]::NewGuid())
$script:failed = 0
$script:skipped = 0
$deadline = 300000 # ms, for each program

function Report([string]$Name, [bool]$Good, [string]$Words) {
    if (-not $Good) { $script:failed++ }
    Write-Output ('{0} {1}{2}' -f $(if ($Good) { 'ok  ' } else { 'FAIL' }), $Name,
        $(if ($Good) { '' } else { ": $Words" }))
}

# What a test program says with its status. Nobody looks at what is skipped on a hosted machine.
function Report-Test([string]$Name, $Run) {
    if ($Run.Status -eq 77 -and -not $env:CI) {
        $script:skipped++
        Write-Output "skip $Name"
    } else {
        Report $Name ($Run.Status -eq 0) $(if ($Run.Status -eq 77) { 'skipped' } else { $Run.Err })
    }
}

# Runs a program with a file as its input; its output and errors are in files, byte by byte.
function Invoke-Program([string]$Path, [string[]]$Words, [string]$Text = '') {
    $files = 'in', 'out', 'err' | ForEach-Object { Join-Path $folder $_ }
    [IO.File]::WriteAllText($files[0], $Text, (New-Object Text.UTF8Encoding $false))
    $arguments = @{
        FilePath = $Path; PassThru = $true; NoNewWindow = $true
        RedirectStandardInput = $files[0]; RedirectStandardOutput = $files[1]
        RedirectStandardError = $files[2]
    }
    if ($Words.Count -gt 0) { $arguments.ArgumentList = $Words | ForEach-Object { '"' + $_ + '"' } }
    $process = Start-Process @arguments
    $null = $process.Handle # without which there is no status later
    $ended = $process.WaitForExit($deadline)
    if (-not $ended) {
        try { $process.Kill() } catch { $null = $_ } # it has ended meanwhile
        $null = $process.WaitForExit(10000)
    }
    New-Object PSObject -Property @{
        Status = $(if ($ended) { $process.ExitCode } else { -1 })
        Out = [IO.File]::ReadAllText($files[1])
        Err = [IO.File]::ReadAllText($files[2]) + $(if ($ended) { '' } else { ' (killed at its deadline)' })
    }
}

function Invoke-Secrets([string[]]$Words, [string]$Text = '') {
    Invoke-Program $program $Words $Text
}

function Test-Suites {
    $env:SIDESEAT_TEST_ERASE = 'yes'
    foreach ($name in 'contract_env', 'contract_file', 'contract_credential-manager') {
        $run = Invoke-Program (Join-Path $Build "tests\contract\$name.exe") @()
        Report-Test $name $run
    }
    # once more with each store in a store process, and in a shared one
    $env:CONTRACT_STORE = $store
    foreach ($shared in '', '1') {
        if ($shared) { $env:CONTRACT_SHARED = $shared }
        foreach ($name in 'contract_env', 'contract_file', 'contract_credential-manager') {
            $run = Invoke-Program (Join-Path $Build "tests\contract\$name.exe") @()
            Report-Test "$name in a store process $shared" $run
        }
    }
    $env:CONTRACT_STORE = $null
    $env:CONTRACT_SHARED = $null
    $run = Invoke-Program (Join-Path $Build 'tests\windows\windows_crash.exe') @()
    Report-Test 'windows_crash' $run
    $reading = 'general arguments interface unsupported slot session login attribute find vendor ' +
        'session-object key length template typed-key profile probe protected digest random thread ' +
        'contention audit'
    $pairs = 'pair pair-sign pair-decrypt derive wrap public-key generate-pair create-private ' +
        'create-certificate confirm'
    $conformance = Join-Path $Build 'tests\conformance\conformance.exe'
    foreach ($backend in 'env', 'file', 'credential-manager') {
        $chapters = if ($backend -eq 'env') { $reading } else { "$reading $pairs object change model history" }
        foreach ($chapter in $chapters.Split(' ')) {
            $run = Invoke-Program $conformance @($module.Replace('\', '/'), $backend, $chapter)
            Report-Test "conformance/$backend/$chapter" $run
        }
    }
}

# The README's session.
function Test-Session([string]$Backend) {
    $env:SIDESEAT_SECRETS_BACKEND = $Backend
    $null = Invoke-Secrets @('set', 'org/acme/openai_api_key') 'sk-live-123'
    $null = Invoke-Secrets @('set', 'project/p1/webhook_secret') 'whsec-456'
    $run = Invoke-Secrets @('get', 'org/acme/openai_api_key')
    Report "$Backend get" ($run.Out -ceq 'sk-live-123') ($run.Out + $run.Err)
    $run = Invoke-Secrets @('ensure')
    Report "$Backend ensure" ($run.Out -cmatch 'global/api_key_secret: created') ($run.Out + $run.Err)
    $run = Invoke-Secrets @('jwt', 'global/jwt_signing_key') '{"sub": "u1"}'
    Report "$Backend jwt" ($run.Out.StartsWith('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.')) $run.Err
    $null = Invoke-Secrets @('delete', 'project/p1/webhook_secret')
    $run = Invoke-Secrets @('list')
    $keys = ($run.Out.Trim().Split("`n") | Sort-Object) -join ' '
    Report "$Backend list" (
        $keys -ceq 'global/api_key_secret global/jwt_signing_key org/acme/openai_api_key') $keys
    $run = Invoke-Secrets @('run', '--env', 'KEY=org/acme/openai_api_key', '--', 'cmd.exe', '/c',
        'echo %KEY%& exit 7')
    Report "$Backend run" ($run.Status -eq 7 -and $run.Out.Trim() -ceq 'sk-live-123') ($run.Out + $run.Err)
    $run = Invoke-Secrets @('doctor', '--write')
    Report "$Backend doctor" ($run.Status -eq 0) ($run.Out + $run.Err)
    $null = Invoke-Secrets @('delete', '--yes', 'org/acme/openai_api_key', 'global/jwt_signing_key',
        'global/api_key_secret')
}

# The file and its folder are for this user alone.
function Test-Rights {
    $env:SIDESEAT_SECRETS_BACKEND = 'file'
    $self = [Security.Principal.WindowsIdentity]::GetCurrent().User
    $null = Invoke-Secrets @('set', 'global/a') 'one'
    foreach ($path in $env:SIDESEAT_DATA_DIR, (Join-Path $env:SIDESEAT_DATA_DIR 'secrets.json')) {
        $list = Get-Acl -LiteralPath $path
        $rules = @($list.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier]))
        $alone = $list.AreAccessRulesProtected -and $rules.Count -eq 1 -and
            $rules[0].IdentityReference -eq $self -and $rules[0].AccessControlType -eq 'Allow'
        Report "rights of $path" $alone ($list.Sddl)
    }
    # and a list with everybody in it is refused
    $path = Join-Path $env:SIDESEAT_DATA_DIR 'secrets.json'
    $null = & icacls.exe $path /grant '*S-1-1-0:(M)'
    $run = Invoke-Secrets @('get', 'global/a')
    Report 'a file that everybody may write' ($run.Status -eq 7 -and $run.Err -cmatch 'Security page') $run.Err
    $null = & icacls.exe $path /remove:g '*S-1-1-0'
}

# A file is replaced while another program reads it, which goes on with the old one.
function Test-Rename {
    $env:SIDESEAT_SECRETS_BACKEND = 'file'
    $null = Invoke-Secrets @('set', 'global/a') 'first'
    $share = [IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete
    $open = [IO.File]::Open((Join-Path $env:SIDESEAT_DATA_DIR 'secrets.json'), [IO.FileMode]::Open,
        [IO.FileAccess]::Read, $share)
    try {
        $run = Invoke-Secrets @('set', 'global/a') 'second'
        $old = (New-Object IO.StreamReader $open).ReadToEnd()
    } finally {
        $open.Dispose()
    }
    Report 'a rename as POSIX has it' ($run.Status -eq 0 -and $old.Contains('first')) ($run.Err + $old.Length)
    $run = Invoke-Secrets @('get', 'global/a')
    Report 'the new file' ($run.Out -ceq 'second') ($run.Out + $run.Err)
}

# Windows' own limit, and longer values in parts.
function Test-Limit {
    $env:SIDESEAT_SECRETS_BACKEND = 'credential-manager'
    Add-Type -Namespace Sideseat -Name Credentials -MemberDefinition @'
[StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
public struct Credential {
    public int Flags; public int Type; public string TargetName; public string Comment;
    public long LastWritten; public int Size; public IntPtr Blob; public int Persist;
    public int AttributeCount; public IntPtr Attributes; public string TargetAlias; public string UserName;
}
[DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
public static extern bool CredWriteW(ref Credential credential, int flags);
public static bool Write(int size) {
    var blob = Marshal.AllocHGlobal(size);
    var one = new Credential { Type = 1, TargetName = "sideseat.real", Size = size, Blob = blob,
                               Persist = 2, UserName = "real" };
    var done = CredWriteW(ref one, 0);
    Marshal.FreeHGlobal(blob);
    return done;
}
'@
    Report 'a credential of 2560 bytes' ([Sideseat.Credentials]::Write(2560)) 'refused'
    Report 'none of 2561 bytes' (-not [Sideseat.Credentials]::Write(2561)) 'taken'
    $null = & cmdkey.exe '/delete:sideseat.real'
    $long = 'x' * 6000
    $null = Invoke-Secrets @('set', 'global/long') $long
    $run = Invoke-Secrets @('get', 'global/long')
    Report 'a value in parts' ($run.Out -ceq $long) $run.Err
    $null = Invoke-Secrets @('delete', 'global/long')
}

# The pipe of a shared store process is this user's alone, and only one process has it. That another
# user's pipe is refused needs a second account: start sideseat-store.exe there with "--listen
# \\.\pipe\NAME", and use that name as pkcs11.store.socket here.
function Test-SharedPipe {
    $env:SIDESEAT_SECRETS_BACKEND = 'file'
    $self = [Security.Principal.WindowsIdentity]::GetCurrent().User
    $name = 'sideseat-real-' + [Guid]::NewGuid()
    $place = '\\.\pipe\' + $name
    $listens = Start-Process -FilePath $store -ArgumentList '--listen', $place -PassThru -NoNewWindow
    try {
        $client = New-Object IO.Pipes.NamedPipeClientStream '.', $name, 'InOut'
        $client.Connect(30000)
        $list = if ($client | Get-Member GetAccessControl) { $client.GetAccessControl() }
        else { [IO.Pipes.PipesAclExtensions]::GetAccessControl($client) } # of PowerShell 7
        $rules = @($list.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier]))
        $alone = $rules.Count -eq 1 -and $rules[0].IdentityReference -eq $self -and
            $list.GetOwner([Security.Principal.SecurityIdentifier]) -eq $self
        Report 'rights of the shared pipe' $alone ($list.GetSecurityDescriptorSddlForm('All'))
        $client.Dispose()
        $run = Invoke-Program $store @('--listen', $place)
        Report 'a second store process' (
            $run.Status -eq 1 -and $run.Err -cmatch 'another sideseat-store does') $run.Err
    } finally {
        $listens.Kill()
    }
    $other = New-Object IO.Pipes.NamedPipeServerStream "$name-other", 'InOut', 4
    try {
        $run = Invoke-Program $store @('--listen', "$place-other")
        Report 'a pipe of another program' (
            $run.Status -eq 1 -and $run.Err -cmatch 'another program has a pipe') $run.Err
    } finally {
        $other.Dispose()
    }
}

function Test-ErrorText {
    $env:SIDESEAT_SECRETS_BACKEND = 'file'
    $run = Invoke-Secrets @('get', 'global/none')
    Report 'an absent secret' ($run.Status -eq 3) $run.Err
    $run = Invoke-Secrets @('--module', 'C:\none.dll', 'list')
    Report 'an absent module' ($run.Status -eq 1 -and $run.Err -cmatch 'C:\\none.dll: error 126') $run.Err
    $run = Invoke-Secrets @('edit', 'global/a')
    Report 'edit' ($run.Status -eq 2) $run.Err
}

$null = New-Item -ItemType Directory -Path $folder
try {
    $env:SIDESEAT_PKCS11_MODULE = $module
    $env:SIDESEAT_DATA_DIR = Join-Path $folder 'data'
    Test-Session 'file'
    Test-Session 'credential-manager'
    Test-Rights
    Test-Rename
    Test-Limit
    Test-SharedPipe
    Test-ErrorText
    Test-Suites
} finally {
    Remove-Item -Recurse -Force $folder
}
Write-Output "$script:failed failed, $script:skipped skipped"
exit [int]($script:failed -gt 0)

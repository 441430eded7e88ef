"""INI: no secret survives, all else stays, and any text will do."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alarmbridge.core.ini import is_ini, mask_secrets, read_ini

CANARY = "c4n4ryS3cr3t"
USERS = "[ WebUsers ]\r\n\r\nFORMAT WebUsers_Index = WebUsers_Username, WebUsers_Password;\r\n"
PIECES = st.sampled_from(
    [
        *("[ WebUsers ]", "[ \\WebUsers ]", "FORMAT WebUsers_Index = ", "WebUsers 0 = ", "a"),
        *("WebUsers_Password", "FORMAT Index = ", "Index 1 =", '"', "'", ",", ";", "=", ":", " "),
        *("\n", "\r", "\t", "\\", "[", "]", "$1$", "$", "://", "@", "/", "Bearer ", "aaaaaaaa"),
        *("-----BEGIN", "-----END X-----", "pass", "word", "Key", "5", "***", "\x00", "\ufeff"),
        *("Name, Password, X;", "is hidden but has non-default value", "\u2028", "é"),
    ]
)
LATIN = b"\xef\xbb\xbfSystemName = M\xfcnchen\0\r\n"
NONSENSE = st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join)


def test_a_file_is_read_whatever_its_letters_are_written_in() -> None:
    assert read_ini(LATIN) == "SystemName = München\r\n"


@pytest.mark.parametrize(
    "text",
    [
        f"AdminPassword = {CANARY}",
        f"AdminPassword='{CANARY}'",
        f'\tadminpassword\t=  "{CANARY}"  ; of Bob\r\n',
        f"AdminPassword = '{CANARY}' ; was {CANARY} of password",
        f"AdminPassword = '' ; {CANARY}",
        f"AdminPassword = 'x'; '{CANARY}'",
        f"WebPasswords = 'x', '{CANARY}', y",
        f"AdminPassword = x ; {CANARY}",
        f"AdminPassword = 'x\n{CANARY}==\nmore {CANARY}'\nEnableSyslog = 1",
        f"SNMPREADONLYCOMMUNITYSTRING_0 = {CANARY}",
        f"SetCommunityString = {CANARY}",
        f"IKEPreSharedKey = {CANARY}",
        f"Aes_Key_1 = {CANARY}",
        f"FeatureKey = {CANARY}",
        f"LdapBindPw = {CANARY}",
        f"A = 1 AdminPassword = {CANARY}",
        f"Url = 'https://x.example/?token={CANARY}&a=1'",
        f"Url = 'https://x.example/?key={CANARY}'",
        f"Url = https://bob:{CANARY}@x.example/a@b",
        f"Header = 'Bearer {CANARY}'",
        f"X = $1${CANARY}+/==",
        f"$1${CANARY} = 1",
        f"[ $1${CANARY} ]",
        f"[ X ] Key = {CANARY}",
        f"[ X ] ; A = $1${CANARY}",
        f";Bearer {CANARY}: password",
        f"X = a\n-----BEGIN KEY-----\n{CANARY}\n-----END KEY-----\nY = b",
        f"X = a\n-----BEGIN KEY-----\n{CANARY}\n\nZ = {CANARY}",
        f"the password is {CANARY}",
        f"; the password is {CANARY}",
        f";AdminPassword = {CANARY}",
        f";Board: password {CANARY}",
        f"[ Tokens ]\nFirst = {CANARY}",
        f'[ SecretTable ]\nSecretTable 0 = "{CANARY}";',
        f'{USERS}WebUsers 0 = "Admin", "{CANARY}";\r\n[ \\WebUsers ]',
        f'{USERS};WebUsers 0 = "Admin", "{CANARY}";',
        f'{USERS}Index 0 = "a, b", {CANARY} ;',
        f'{USERS}WebUsers 0 = "Admin", "{CANARY}", 1;',
        f'{USERS}WebUsers 0 = "Admin", "{CANARY}"",";',
        f"{USERS}WebUsers 0 = Admin, x;{CANARY}",
        f'{USERS}WebUsers 0 = "Admin", "x\n{CANARY}";',
        f'[ WebUsers ]\nWebUsers 0 = "Admin", "{CANARY}";',
        f"[ X ]\nFORMAT X_Index X_Name, X_Password;\nX 0 = {CANARY};",
        f"[ X ]\nFORMAT X_Index = X_Name,\nX_Password;\nX 0 = {CANARY}, 1;",
        f'[ X ]\nFORMAT X_Index = Name, Y;\nWebUsers 0 = "Admin", "{CANARY}";',
        f'[ SNMPUsers ]\nFORMAT Index = Username, AuthKey;\nSNMPUsers 0 = "v3", {CANARY};',
        f'[X]\nFORMAT Index = Name, Url;\nX 0 = "a", "http://u:{CANARY}@h";',
        f'A = 1; WebUsers 0 = "Admin", "{CANARY}"',
        f'[ NoFormat ]\nNoFormat 0 = "n", "{CANARY}"',
        f"[ NoFormat ]\nNoFormat 0 = n, {CANARY};",
        f'NoFormat 0 = "n", "{CANARY}"',
        f'[ X ]\nFORMAT X_Index = Name, Prefix;\nX 0 = "n", 1, "{CANARY}";',
        f'[ X ]\nFORMAT X_Index = Name, Prefix;\nY 0 = "n", "{CANARY}";',
        f'[ X ]\nFORMAT X_Index = X_Name, X_md5Digest;\nX 0 = "n", "{CANARY}";',
        f'[ X ]\nFORMAT X_Index = X_Name, X_MD5;\nX 0 = "n", {CANARY};',
        f'[ X ]\nFORMAT X_Index = X_Name, X_UserHA1;\nX 0 = "n", "{CANARY}";',
        f"SipHA1 = {CANARY}",
    ],
)
def test_no_secret_survives(text: str) -> None:
    masked = mask_secrets(text)
    assert CANARY not in masked
    assert "***" in masked
    assert mask_secrets(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("AdminPassword = 'x'  ;by Bob\r\nA=1\n", "AdminPassword = '***'  ;by Bob\r\nA=1\n"),
        (" AdminPassword =x \r", " AdminPassword =*** \r"),
        (
            USERS + 'WebUsers 0 = "a, b", "$1$x=" ;',
            USERS + 'WebUsers 0 = "a, b", "***" ;',
        ),
        (USERS + 'WebUsers 0 = "a", "b", 3;', USERS + "WebUsers 0 = ***;"),
        ("X = a, $1$b , c", "X = a, *** , c"),
        ("a-----BEGIN\nb\n-----END X-----c", "a***c"),
        ("Url = https://u:p@h/a", "Url = https://***@h/a"),
        (
            "[ X ]\nFORMAT Index = Name, Prefix;\nX 0 = a ;",
            "[ X ]\nFORMAT Index = Name, Prefix;\nX 0 = ***;",
        ),
        ("[ X ]\nX 0 = 'a', 1\nY = 2", "[ X ]\nX 0 = ***\nY = 2"),
        ("[ Tokens ] ; password: x", "[ Tokens ] ; password: ***"),
    ],
)
def test_all_else_stays_byte_for_byte(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "SecureMode = 1",
        "KeyPortNum = 5",
        "TLSPkeySize = 2048",
        "TLSContexts_PrivateKeySize = 2048",
        "MinWebPasswordLen = '8'",
        "KeepAliveInterval = 10",
        "HotKey = '*72'",
        "MSLDAPPRIMARYKEY = 'telephoneNumber'",
        "EnableFaxBypass = 1",
        "UseSHA1 = 'always'",
        "ServerCipherString = 'DEFAULT:!MD5'",
        "AdminPassword = ''",
        "AdminPassword = ",
        ";AdminPassword is hidden but has non-default value",
        ";;;Key features:;Board Type: Mediant 800B ;Channel Type: RTP DspCh=150;",
        ";FORMAT WebUsers_Index = WebUsers_Username, WebUsers_Password;",
        "[ WebUsers ]\nWebUsers 0 = ;",
        "[ RemoteMediaSubnet ]\nFORMAT Index = Name, Prefix;\nRemoteMediaSubnet 0 = a, b;",
        "[X]\nFORMAT Index = PasswordAge, Name;\nX 0 = 90, b;\n[ \\X ]\n\n; seen at 10:15\r\n",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


def test_a_small_number_of_a_measure_stays_and_a_word_there_does_not() -> None:
    assert mask_secrets("PasswordMode = 123456") == "PasswordMode = ***"
    assert mask_secrets("PasswordMode = abc") == "PasswordMode = ***"


@example(text="T 0 = x://, pa/ss, b@")
@example(text="X = pass$1$x,word=")
@example(text="[a = $1$: [ b ]c ;d[ e ];5$1$pass")
@example(text="FORMAT Index = a, Password;\n;Index 1 =Key,Index 1 =***word")
@example(text=';WebUsers 0 = "WebUsers_Password"')
@given(text=NONSENSE)
def test_any_text_will_do_and_a_second_time_changes_nothing(text: str) -> None:
    masked = mask_secrets(text)
    assert mask_secrets(masked) == masked
    assert is_ini(text) in {True, False}


@given(before=NONSENSE, name=st.sampled_from(["AdminPassword", "WEBPSK_0", "SetCommunityString"]))
def test_whatever_stood_before_a_secret_is_masked(before: str, name: str) -> None:
    assert CANARY not in mask_secrets(f"{before}\n{name} = '{CANARY}'\n")


@pytest.mark.parametrize("unit", ['"', ",", "[", "]", "'", " ", "$", "://", "-", '","', "$1$ "])
@pytest.mark.parametrize("lead", ["", "Password = ", "FORMAT ", USERS + "WebUsers 0 = "])
def test_a_hostile_line_takes_no_longer_than_its_length(lead: str, unit: str) -> None:
    text = lead + unit * (2**21 // len(unit))
    begun = time.process_time()
    mask_secrets(text)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        (";** Ini File **\n\n[SYSTEM Params]\n\nA = 1\n", True),
        ("\ufeff" + USERS + 'WebUsers 0 = "a", "b";\r\n[ \\WebUsers ]\r\n', True),
        ("", False),
        (";** Ini File **\n[SYSTEM Params]\n", False),
        ("<html>\n<a href='x'>\n</html>\n", False),
        ("<script>\nvar x\nx = 1\ny()\n</script>", False),
        ("x" * 300 + " = 1", False),
    ],
)
def test_a_configuration_is_told_from_a_web_page_and_from_nothing(text: str, looks: bool) -> None:
    assert is_ini(text) is looks

"""A password and a token are found wherever a program or a configuration file may hold them."""

import pytest

from leaksieve.core.detector import Detector
from leaksieve.core.rule import MEDIUM
from leaksieve.ruleset.examples import expand

# NAME is the name, VALUE the value.
FORMATS = {
    "YAML": ["NAME: VALUE", "NAME: 'VALUE'", '- { user: app, NAME: "VALUE" }', '  "NAME": "VALUE"'],
    "JSON": ['{"NAME": "VALUE"}', '"NAME" : "VALUE",', '{\\"NAME\\":\\"VALUE\\"}'],
    "TOML": ['NAME = "VALUE"', "NAME = 'VALUE'", 'db = { user = "app", NAME = "VALUE" }'],
    "INI": ["NAME=VALUE", "NAME = VALUE", 'NAME = "VALUE"'],
    ".env": ["NAME=VALUE", 'export NAME="VALUE"', "NAME='VALUE' # local"],
    "properties": ["app.mail.NAME=VALUE", "app.mail.NAME: VALUE", "app.mail.NAME = VALUE"],
    "XML": ["<NAME>VALUE</NAME>", '<login user="app" NAME="VALUE"/>', '<entry key="NAME">VALUE</entry>'],
    "plist": ["<key>NAME</key><string>VALUE</string>"],
    "HCL": ['NAME = "VALUE"', 'variable "NAME" { default = "VALUE" }'],
    "Dockerfile": ["ENV NAME=VALUE", "ENV NAME VALUE", "ARG NAME=VALUE", 'ENV USER=app NAME="VALUE"'],
    "docker-compose": ["      NAME: VALUE", "      - NAME=VALUE", '      - "NAME=VALUE"'],
    "Spring": ["spring.datasource.NAME=VALUE", "    NAME: ${DB_NAME:VALUE}", '<property name="NAME" value="VALUE"/>'],
    "ASP.NET": ['<add key="NAME" value="VALUE" />', '"Smtp:NAME": "VALUE"', 'NAME="VALUE" />'],
    "Makefile": ["NAME ?= VALUE", "NAME := VALUE"],
    "environment of a task": ['{"name":"NAME","value":"VALUE"}'],
    "default for the environment": [
        "a = process.env.NAME || 'VALUE'",
        "b ?? c.NAME ?? 'VALUE'",
        'os.getenv("NAME") or "VALUE"',
    ],
    "HTML": ["{&quot;NAME&quot;:&quot;VALUE&quot;}", "NAME = &#39;VALUE&#39;"],
    "escapes": [r"a\u0026NAME\u003dVALUE\u0026b"],
    "Rails": ["  NAME: VALUE", ":NAME: VALUE", ":NAME => 'VALUE'"],
}
# A constant, a keyword argument, a map literal, a comparison, a setter call: a line each.
LANGUAGES = {
    "Python": r"""
NAME = "VALUE"
connect(user='app', NAME='VALUE')
{'NAME': 'VALUE'}
if NAME == "VALUE":
client.set_NAME("VALUE")
""",
    "JavaScript": r"""
const NAME = 'VALUE';
connect({ NAME: 'VALUE' })
{"NAME": "VALUE"}
if (NAME === 'VALUE') {
client.setNAME('VALUE');
""",
    "TypeScript": r"""
private readonly NAME: string = 'VALUE';
connect({ NAME: `VALUE` })
{ ['NAME']: 'VALUE' }
if (this.NAME !== 'VALUE') {
client.setNAME('VALUE');
""",
    "Java": r"""
private static final String NAME = "VALUE";
@Value(NAME = "VALUE")
map.put("NAME", "VALUE");
if (NAME.equals("VALUE")) {
client.setNAME("VALUE");
""",
    "Kotlin": r"""
val NAME: String = "VALUE"
connect(NAME = "VALUE")
mapOf("NAME" to "VALUE")
if (NAME == "VALUE") {
client.setNAME("VALUE")
""",
    "C#": r"""
public const string NAME = "VALUE";
Connect(NAME: "VALUE");
{ "NAME", "VALUE" }
if (NAME == "VALUE")
client.NAME = @"VALUE";
""",
    "C": r"""
#define NAME "VALUE"
static const char *NAME = "VALUE";
{ .NAME = "VALUE" }
if (strcmp(NAME, "VALUE") == 0)
set_NAME(client, "VALUE");
""",
    "C++": r"""
const std::string NAME = "VALUE";
constexpr auto NAME{"VALUE"};
{"NAME", "VALUE"}
if (NAME == "VALUE")
client->setNAME("VALUE");
""",
    "Go": r"""
const NAME = "VALUE"
NAME := "VALUE"
map[string]string{"NAME": "VALUE"}
if NAME != "VALUE" {
client.SetNAME("VALUE")
""",
    "Rust": r"""
const NAME: &str = "VALUE";
let NAME = "VALUE";
.insert("NAME", "VALUE")
if NAME == "VALUE" {
client.set_NAME("VALUE");
""",
    "PHP": r"""
$NAME = 'VALUE';
define('NAME', 'VALUE');
['NAME' => 'VALUE']
if ($NAME === 'VALUE') {
$client->setNAME('VALUE');
""",
    "Ruby": r"""
NAME = 'VALUE'
connect(NAME: 'VALUE')
{ :NAME => 'VALUE' }
if NAME == 'VALUE'
client.NAME = 'VALUE'
""",
    "Swift": r"""
let NAME = "VALUE"
connect(NAME: "VALUE")
["NAME": "VALUE"]
if NAME == "VALUE" {
client.setNAME("VALUE")
""",
    "Objective-C": r"""
NSString *NAME = @"VALUE";
#define NAME @"VALUE"
@{@"NAME": @"VALUE"}
if ([NAME isEqualToString:@"VALUE"])
[client setNAME:@"VALUE"];
""",
    "Scala": r"""
val NAME = "VALUE"
connect(NAME = "VALUE")
Map("NAME" -> "VALUE")
if (NAME == "VALUE")
client.setNAME("VALUE")
""",
    "Perl": r"""
my $NAME = 'VALUE';
connect(NAME => 'VALUE');
$config{NAME} = 'VALUE';
if ($NAME eq 'VALUE') {
$client->set_NAME('VALUE');
""",
    "Shell": r"""
NAME='VALUE'
run --NAME=VALUE
declare -A c=([NAME]='VALUE')
if [ "$NAME" = "VALUE" ]; then
readonly NAME="VALUE"
""",
    "PowerShell": r"""
$NAME = 'VALUE'
Connect -NAME 'VALUE'
@{ NAME = 'VALUE' }
if ($NAME -eq 'VALUE') {
$env:NAME = 'VALUE'
""",
    "R": r"""
NAME <- 'VALUE'
connect(NAME = 'VALUE')
list(NAME = 'VALUE')
if (NAME == 'VALUE') {
Sys.setenv(NAME = 'VALUE')
""",
    "Lua": r"""
local NAME = 'VALUE'
connect{ NAME = 'VALUE' }
{ ['NAME'] = 'VALUE' }
if NAME == 'VALUE' then
client:setNAME('VALUE')
""",
    "Dart": r"""
const NAME = 'VALUE';
connect(NAME: 'VALUE');
{'NAME': 'VALUE'}
if (NAME == 'VALUE') {
client.setNAME('VALUE');
""",
    "Elixir": r"""
@NAME "VALUE"
connect(NAME: "VALUE")
%{NAME: "VALUE"}
if NAME == "VALUE" do
put_env(:app, :NAME, "VALUE")
""",
    "Groovy": r"""
def NAME = 'VALUE'
connect(NAME: 'VALUE')
[NAME: 'VALUE']
if (NAME == 'VALUE') {
client.setNAME('VALUE')
""",
    "Haskell": r"""
NAME = "VALUE"
connect { NAME = "VALUE" }
("NAME", "VALUE")
if NAME == "VALUE"
setNAME "VALUE" client
""",
    "SQL": r"""
SET NAME = 'VALUE';
EXEC login @NAME = 'VALUE';
WITH NAME = 'VALUE'
WHERE NAME = 'VALUE'
ALTER USER app NAME 'VALUE'
""",
    "Visual Basic": r"""
Const NAME = "VALUE"
Connect(NAME:="VALUE")
.Add("NAME", "VALUE")
If NAME = "VALUE" Then
Dim NAME As String = "VALUE"
""",
}
# Files and commands that have a rule of their own, and what stands over lines.
TEXTS = {
    "Kubernetes": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  NAME: {{b64 {password 16}}}\n",
    "Kubernetes, plain": "kind: Secret\nmetadata:\n  name: db\nstringData:\n  NAME: {{password 16}}\n",
    "plist": "<key>NAME</key>\n\t<string>{{password 14}}</string>",
    "Terraform": 'variable "db_password" {\n  type    = string\n  default = "{{password 14}}"\n}',
    ".netrc": "machine git.corp.io login deploy password {{password 14}}",
    ".npmrc": "//registry.corp.io/npm/:_authToken={{base62 40}}",
    ".pypirc": "[pypi]\nusername: deploy\npassword: {{password 14}}\n",
    ".htpasswd": "admin:$apr1${{base62 8}}${{base62 22}}",
    ".pgpass": "db.corp.io:5432:shop:app:{{password 14}}",
    "wp-config": "define('DB_PASSWORD', '{{password 14}}');",
    "Rails": "production:\n  secret_key_base: {{hex 128}}\n",
    "ASP.NET": 'connectionString="Server=db.corp.io;User Id=sa;Password={{password 14}};"',
    "JDBC": "url=jdbc:postgresql://db.corp.io/shop?user=app&password={{base62 14}}",
    "URL": "postgres://app:{{base62 16}}@db.corp.io/shop",
    "Basic": "Authorization: Basic {{b64 deploy:{base62 14}}}",
    "Bearer": 'curl -H "Authorization: Bearer {{base62 40}}" https://api.corp.io/',
    "curl": "curl -u deploy:{{base62 14}} https://api.corp.io/",
    "mysql": "mysql -u root -p{{base62 14}} shop",
    "docker login": "docker login -u ci -p {{base62 14}} registry.corp.io",
    "option": "tool --password={{base62 14}} --user app",
    "option, apart": "tool --password {{base62 14}} --user app",
    "environment": "PGPASSWORD={{base62 14}} psql -h db.corp.io",
    "sshpass": "sshpass -p {{base62 14}} ssh deploy@db.corp.io",
    "Oracle": "CREATE USER app IDENTIFIED BY {{base62 12}};",
}
VALUES = {"dbPassword": "{{password 14}}", "api_token": "{{base62 32}}"}
LINES = [(kind, line) for kind, lines in FORMATS.items() for line in lines]
LINES += [(kind, line) for kind, lines in LANGUAGES.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("kind", "line"), LINES)
@pytest.mark.parametrize(("name", "made"), VALUES.items())
def test_a_value_is_found_in_every_form(detector: Detector, kind: str, line: str, name: str, made: str) -> None:
    value = expand(f"{kind}{line}\n{made}").rpartition("\n")[2]
    text = line.replace("NAME", name).replace("VALUE", value)
    found = [match for match in detector.matches(text) if match.confidence >= MEDIUM]
    assert value in [text[match.secret_start : match.secret_end] for match in found], f"{kind}: {line}"


# The value of a variable in Terraform stands in a block, which has a rule of its own.
@pytest.mark.parametrize(("kind", "line"), [each for each in LINES if not each[1].startswith("variable")])
def test_a_line_of_the_table_finds_its_value_in_every_form(detector: Detector, kind: str, line: str) -> None:
    value = expand(f"{kind}{line}\n{{{{base62 40}}}}").rpartition("\n")[2]
    text = line.replace("NAME", "abyssaleApiToken").replace("VALUE", value)
    found = [match for match in detector.matches(text) if text[match.secret_start : match.secret_end] == value]
    assert [(detector.rules[match.rule].id, match.confidence) for match in found] == [("abyssale-api-key", MEDIUM)]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_credential_is_found_in_its_file_or_command(detector: Detector, kind: str) -> None:
    text = expand(TEXTS[kind].replace("NAME", "dbPassword"))
    assert [match for match in detector.matches(text) if match.confidence >= MEDIUM], text

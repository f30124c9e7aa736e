using System.Text.Json.Nodes;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Makes up small templates from Jinja's grammar.</summary>
internal sealed class TemplateGenerator(Random random)
{
    private static readonly string[] Names = ["s", "t", "n", "f", "l", "d", "m", "e", "z", "b", "s", "l", "d", "m", "n", "x", "missing"];

    private static readonly string[] Literals =
    [
        "0", "1", "-1", "2", "3", "7", "10", "1.5", "0.1", "2.0", "1e3", "true", "False", "none", "''", "'a'", "\"b c\"", "'é😀'", "'a,b,,c'", "' x '", "'%s-%s'", "'{}:{}'", "'\\n'", "'A\\tb'",
        "[]", "[1, 2, 3]", "['b', 'A', 'c']", "(1, 'x')", "{'a': 1, 'b': [2]}", "{}", "range(4)", "1_000", "0x1F", "'Hello World'",
    ];

    private static readonly string[] Filters =
    [
        "upper", "lower", "trim", "length", "first", "last", "join(',')", "join", "list", "string", "int", "float", "abs", "default('q')", "default('q', true)", "d(1)", "title", "capitalize",
        "replace('a', 'b')", "reverse|list", "sort", "sort(reverse=true)", "unique|list", "min", "max", "sum", "tojson", "tojson(indent=2)", "tojson(sort_keys=true)", "map('upper')|list", "map('string')|join('-')",
        "select|list", "reject|list", "select('string')|list", "reject('none')|list", "selectattr('a')|list", "selectattr('a', 'defined')|list", "rejectattr('a', 'equalto', 1)|list", "map(attribute='a')|list",
        "map(attribute='a', default='no')|list", "items|list", "dictsort", "dictsort(by='value')", "round", "round(1)", "round(1, 'floor')", "round(2, method='ceil')", "indent", "indent(2, true)", "indent(first=true, blank=true)", "wordcount", "batch(2)|list",
        "batch(2, 'f')|list", "format(1, 'z')", "escape", "count", "groupby('a')|list", "center(9)", "tojson(ensure_ascii=true)", "safe", "int(5, 16)", "e",
    ];

    private static readonly string[] Tests =
    [
        "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "true", "false", "odd", "even", "lower", "upper", "callable",
        "in [1, 'a', none]", "equalto 1", "eq('a')", "ne 2", "divisibleby 3", "gt 1", "lt(2)", "ge 1", "sameas none",
    ];

    private static readonly string[] Methods =
    [
        "upper()", "lower()", "strip()", "lstrip()", "rstrip()", "strip('a ')", "split()", "split(',')", "split(',', 1)", "rsplit(',', 1)", "startswith('a')", "endswith('c')", "endswith(('b', 'c'))", "replace('a', 'zz')",
        "replace('', '-')", "find('b')", "find('b', 1)", "rfind('a')", "count('a')", "title()", "capitalize()", "join(['x', 'y'])", "format(1, 2)", "format('p', 'q', k=3)", "splitlines()", "splitlines(true)", "isdigit()", "isalpha()", "isspace()", "islower()", "removeprefix('a')",
        "removesuffix('c')", "partition(',')", "rpartition(',')", "zfill(5)", "ljust(6, '.')", "rjust(6)", "center(7, '*')", "items()|list", "keys()|list", "values()|list", "get('a')", "get('q', 5)", "index(2)", "index('a')", "count(1)", "append(1)", "a", "b", "update({})", "isupper()", "istitle()", "isalnum()",
    ];

    private static readonly string[] Operators = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"];

    public static JsonObject Variables() => new()
    {
        ["s"] = "abc,a b",
        ["t"] = "  Zoë 😀\nline\t",
        ["n"] = 5,
        ["f"] = 2.5,
        ["l"] = new JsonArray(3, 1, 2, 3),
        ["d"] = new JsonObject { ["a"] = 1, ["B"] = "two", ["items"] = new JsonArray("i") },
        ["m"] = new JsonArray(new JsonObject { ["a"] = 1, ["role"] = "user" }, new JsonObject { ["a"] = "x", ["role"] = "system" }, new JsonObject { ["role"] = "user" }),
        ["e"] = "",
        ["z"] = null,
        ["b"] = true,
    };

    // Where a generation block is captured, Jinja2's extension tells a wrong place, and this library refuses it.
    private int captures;

    public string Template() => Body(2);

    private string Captured(int depth)
    {
        captures++;
        var body = Body(depth);
        captures--;
        return body;
    }

    private string Body(int depth) => string.Concat(Enumerable.Range(0, 1 + random.Next(2)).Select(_ => Statement(depth)));

    private string Statement(int depth)
    {
        var text = Pick(["", " ", "\n", "a", " b\n", "\n  ", "  \t", "x\n\n", "  {# c #}\n", "{#- c -#} ", "\r\n"]);
        return text + (depth == 0 ? Output(1) : random.Next(13) switch
        {
            0 or 1 or 2 or 3 => Output(3),
            4 => $"{Open()} set {Pick(["x", "y"])} = {Expression(2)} {Close()}",
            5 => $"{Open()} if {Expression(2)} {Close()}{Body(depth - 1)}{(random.Next(2) == 0 ? $"{Open()} elif {Expression(1)} {Close()}{Body(depth - 1)}" : "")}{Open()} else {Close()}{Body(depth - 1)}{Open()} endif {Close()}",
            6 or 7 => Loop(depth),
            8 => $"{Open()} set ns = namespace(v={Expression(1)}) {Close()}{Open()} for x in {Pick(["l", "[1]", "s"])} {Close()}{Open()} set ns.v = {Expression(1)} {Close()}{Open()} endfor {Close()}{{{{ ns.v }}}}",
            9 => $"{Open()} macro k(p, q={Expression(1)}) {Close()}{Captured(depth - 1)}{{{{ p }}}}{{{{ q }}}}{Open()} endmacro {Close()}{{{{ k({Expression(1)}{Pick(["", ", 2", ", q='r'"])}) }}}}",
            10 => $"{Open()} set x {Pick(["", "| upper ", "| trim | length "])}{Close()}{Captured(depth - 1)}{Open()} endset {Close()}{{{{ x }}}}",
            11 when captures == 0 => $"{Open()} generation {Close()}{Output(2)}{Open()} endgeneration {Close()}",
            _ => $"{Open()} filter {Pick(["upper", "trim", "replace('a', 'o')|title"])} {Close()}{Captured(depth - 1)}{Open()} endfilter {Close()}",
        });
    }

    private string Loop(int depth)
    {
        var loop = Pick(["{{ loop.index }}", "{{ loop.last }}", "{{ loop.revindex0 }}", "{{ loop.previtem }}", "{{ loop.nextitem is defined }}", "{{ loop.length }}", "{{ loop.first }}", "{{ loop.cycle('o', 'e') }}", "{{ loop.changed(x) }}", ""]);
        var control = random.Next(4) == 0 ? $"{Open()} if {Expression(1)} {Close()}{Open()} {Pick(["break", "continue"])} {Close()}{Open()} endif {Close()}" : "";
        var filter = random.Next(3) == 0 ? $" if {Pick(["x", "x != 1", "loop is not defined", "x is string", "x in 'abc'"])}" : "";
        var target = random.Next(5) == 0 ? "x, y" : "x";
        var iterable = target == "x" ? Pick(["l", "s", "m", "d", "d.items()", "range(3)", "[]", "e", Expression(1)]) : Pick(["d.items()", "d|items", "d|dictsort", "[(1, 2)]", "m"]);
        return $"{Open()} for {target} in {iterable}{filter} {Close()}{loop}{control}{Body(depth - 1)}{(random.Next(3) == 0 ? $"{Open()} else {Close()}none" : "")}{Open()} endfor {Close()}";
    }

    private string Output(int depth) => $"{Pick(["{{", "{{ ", "{{- "])} {Expression(depth)} {Pick(["}}", "-}}"])}";

    private string Expression(int depth)
    {
        if (depth == 0) return random.Next(2) == 0 ? Pick(Names) : Pick(Literals);
        return random.Next(14) switch
        {
            0 or 1 => Expression(0),
            2 or 3 => $"{Expression(depth - 1)}|{Pick(Filters)}",
            4 => $"{Expression(depth - 1)} is {(random.Next(3) == 0 ? "not " : "")}{Pick(Tests)}",
            5 or 6 => $"{Pick(Names)}.{Pick(Methods)}",
            7 => $"{Pick(Names)}{Pick(["[1:]", "[::-1]", "[:2]", "[-2:]", "[n:]", "[4:0:-2]"])}",
            13 => $"({Expression(depth - 1)}){Pick(["[0]", "[-1]", "['a']", "[n]", ".a", ".0"])}",
            8 or 9 => $"{Expression(depth - 1)} {Pick(Operators)} {Expression(depth - 1)}",
            10 => $"({Expression(depth - 1)} if {Expression(depth - 1)}{(random.Next(3) == 0 ? "" : $" else {Expression(depth - 1)}")})",
            11 => $"{Pick(["not ", "-", "+"])}{Expression(depth - 1)}",
            _ => $"({Expression(depth - 1)} {Pick(Operators)} {Expression(0)}) {Pick(Operators)} {Expression(0)}",
        };
    }

    private string Open() => Pick(["{%", "{%", "{%", "{%-", "{%+", "  {%", "\n {%"]);

    private string Close() => Pick(["%}", "%}", "%}", "-%}", "+%}", "%}\n", "%} \n"]);

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}

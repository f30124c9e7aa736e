using System.Collections.Frozen;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>What the commands of LaTeX, Unicode's signs and the words of plain notation mean.</summary>
internal static class LatexNames
{
    /// <summary>Commands without meaning of their own.</summary>
    public static readonly FrozenSet<string> Ignored = FrozenSet.Create(
        StringComparer.Ordinal,
        "left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "displaystyle", "textstyle",
        "scriptstyle", "limits", "nolimits", "quad", "qquad", "enspace", "thinspace", "medspace", "thickspace", "rm", "bf", "it", "mathstrut",
        "nonumber", "mathbf", "boldsymbol", "bm", "mathit", "mathsf", "mathcal", "mathfrak", "mathnormal", "vec", "overrightarrow", "underline",
        "boxed", "fbox", "framebox", "angle", "triangle", "therefore", "hfill", "newline", "par", "large", "Large", "normalsize", "ensuremath");

    /// <summary>Commands that are dropped with their argument.</summary>
    public static readonly FrozenSet<string> IgnoredWithArgument = FrozenSet.Create(
        StringComparer.Ordinal, "phantom", "hphantom", "vphantom", "hspace", "vspace", "label", "tag", "color", "textcolor");

    /// <summary>Commands whose argument is words.</summary>
    public static readonly FrozenSet<string> Texts = FrozenSet.Create(
        StringComparer.Ordinal, "text", "textbf", "textit", "textrm", "textsf", "texttt", "textnormal", "mbox", "hbox", "emph", "textup");

    /// <summary>Commands whose argument is upright: a word, a function or a unit, or a symbol of one letter.</summary>
    public static readonly FrozenSet<string> Uprights = FrozenSet.Create(StringComparer.Ordinal, "mathrm", "operatorname", "mathop");

    /// <summary>Marks above a symbol that make it another one.</summary>
    public static readonly FrozenSet<string> Accents = FrozenSet.Create(
        StringComparer.Ordinal, "hat", "widehat", "tilde", "widetilde", "dot", "ddot", "bar", "overline", "acute", "check");

    /// <summary>Functions, in LaTeX and in plain text.</summary>
    public static readonly FrozenDictionary<string, FunctionKind> Functions = new Dictionary<string, FunctionKind>(StringComparer.Ordinal)
    {
        ["sin"] = FunctionKind.Sin,
        ["cos"] = FunctionKind.Cos,
        ["tan"] = FunctionKind.Tan,
        ["tg"] = FunctionKind.Tan,
        ["cot"] = FunctionKind.Cot,
        ["ctg"] = FunctionKind.Cot,
        ["sec"] = FunctionKind.Sec,
        ["csc"] = FunctionKind.Csc,
        ["cosec"] = FunctionKind.Csc,
        ["arcsin"] = FunctionKind.Arcsin,
        ["arccos"] = FunctionKind.Arccos,
        ["arctan"] = FunctionKind.Arctan,
        ["asin"] = FunctionKind.Arcsin,
        ["acos"] = FunctionKind.Arccos,
        ["atan"] = FunctionKind.Arctan,
        ["sinh"] = FunctionKind.Sinh,
        ["cosh"] = FunctionKind.Cosh,
        ["tanh"] = FunctionKind.Tanh,
        ["exp"] = FunctionKind.Exp,
        ["ln"] = FunctionKind.Ln,
        ["log"] = FunctionKind.Log,
        ["lg"] = FunctionKind.Log,
        ["abs"] = FunctionKind.Abs,
        ["floor"] = FunctionKind.Floor,
        ["ceil"] = FunctionKind.Ceiling,
        ["min"] = FunctionKind.Min,
        ["max"] = FunctionKind.Max,
        ["gcd"] = FunctionKind.Gcd,
        ["lcm"] = FunctionKind.Lcm,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Commands that are marks, each with the mark.</summary>
    public static readonly FrozenDictionary<string, string> Marks = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cdot"] = "*",
        ["times"] = "*",
        ["ast"] = "*",
        ["div"] = "/",
        ["le"] = "≤",
        ["leq"] = "≤",
        ["leqslant"] = "≤",
        ["leqq"] = "≤",
        ["ge"] = "≥",
        ["geq"] = "≥",
        ["geqslant"] = "≥",
        ["geqq"] = "≥",
        ["ne"] = "≠",
        ["neq"] = "≠",
        ["lt"] = "<",
        ["gt"] = ">",
        ["pm"] = "±",
        ["mp"] = "∓",
        ["cup"] = "∪",
        ["bigcup"] = "∪",
        ["cap"] = "∩",
        ["in"] = "∈",
        ["setminus"] = "∖",
        ["backslash"] = "∖",
        ["smallsetminus"] = "∖",
        ["circ"] = "°",
        ["degree"] = "°",
        ["textdegree"] = "°",
        ["prime"] = "'",
        ["colon"] = ":",
        ["lvert"] = "|",
        ["rvert"] = "|",
        ["vert"] = "|",
        ["mid"] = "|",
        ["lVert"] = "|",
        ["rVert"] = "|",
        ["Vert"] = "|",
        ["|"] = "|",
        ["lfloor"] = "⌊",
        ["rfloor"] = "⌋",
        ["lceil"] = "⌈",
        ["rceil"] = "⌉",
        ["langle"] = "⟨",
        ["rangle"] = "⟩",
        ["{"] = "\\{",
        ["}"] = "\\}",
        ["lbrace"] = "\\{",
        ["rbrace"] = "\\}",
        ["lbrack"] = "[",
        ["rbrack"] = "]",
        ["equiv"] = "≡",
        ["approx"] = "≈",
        ["simeq"] = "≈",
        ["%"] = "%",
        ["$"] = "¤",
        ["textdollar"] = "¤",
        ["dollar"] = "¤",
        ["pounds"] = "£",
        ["euro"] = "€",
        ["&"] = "&",
        ["_"] = "_",
        ["land"] = ",",
        ["wedge"] = ",",
        ["lor"] = "or",
        ["vee"] = "or",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Signs of Unicode, each with the LaTeX or plain text it stands for.</summary>
    public static readonly FrozenDictionary<char, string> Signs = new Dictionary<char, string>
    {
        ['−'] = "-",
        ['–'] = "-",
        ['—'] = "-",
        ['‐'] = "-",
        ['×'] = "*",
        ['·'] = "*",
        ['⋅'] = "*",
        ['∗'] = "*",
        ['÷'] = "/",
        ['∕'] = "/",
        ['⁄'] = "/",
        ['¢'] = " cents ",
        ['°'] = "\\circ ",
        ['º'] = "\\circ ",
        ['′'] = "'",
        ['’'] = "'",
        ['‘'] = "'",
        ['π'] = "\\pi ",
        ['θ'] = "\\theta ",
        ['α'] = "\\alpha ",
        ['β'] = "\\beta ",
        ['γ'] = "\\gamma ",
        ['δ'] = "\\delta ",
        ['λ'] = "\\lambda ",
        ['μ'] = "\\mu ",
        ['σ'] = "\\sigma ",
        ['φ'] = "\\phi ",
        ['ω'] = "\\omega ",
        ['∞'] = "\\infty ",
        ['√'] = "\\sqrt ",
        ['ℝ'] = "\\mathbb{R}",
        ['∅'] = "\\emptyset ",
        ['≤'] = "\\le ",
        ['⩽'] = "\\le ",
        ['≥'] = "\\ge ",
        ['⩾'] = "\\ge ",
        ['≠'] = "\\ne ",
        ['±'] = "\\pm ",
        ['∓'] = "\\mp ",
        ['∪'] = "\\cup ",
        ['∩'] = "\\cap ",
        ['∈'] = "\\in ",
        ['∖'] = "\\setminus ",
        ['≈'] = "\\approx ",
        ['≡'] = "\\equiv ",
        ['⌊'] = "\\lfloor ",
        ['⌋'] = "\\rfloor ",
        ['⌈'] = "\\lceil ",
        ['⌉'] = "\\rceil ",
        ['⟨'] = "\\langle ",
        ['⟩'] = "\\rangle ",
        ['½'] = "\\frac{1}{2}",
        ['⅓'] = "\\frac{1}{3}",
        ['⅔'] = "\\frac{2}{3}",
        ['¼'] = "\\frac{1}{4}",
        ['¾'] = "\\frac{3}{4}",
        ['⅛'] = "\\frac{1}{8}",
        ['⁰'] = "^{0}",
        ['¹'] = "^{1}",
        ['²'] = "^{2}",
        ['³'] = "^{3}",
        ['⁴'] = "^{4}",
        ['⁵'] = "^{5}",
        ['⁶'] = "^{6}",
        ['⁷'] = "^{7}",
        ['⁸'] = "^{8}",
        ['⁹'] = "^{9}",
        ['₀'] = "_{0}",
        ['₁'] = "_{1}",
        ['₂'] = "_{2}",
        ['₃'] = "_{3}",
        ['₄'] = "_{4}",
        ['₅'] = "_{5}",
        ['₆'] = "_{6}",
        ['₇'] = "_{7}",
        ['₈'] = "_{8}",
        ['₉'] = "_{9}",
        ['“'] = "",
        ['”'] = "",
        ['\u00A0'] = " ",
        ['\u2009'] = "\\,",
        ['\u202F'] = "\\,",
        ['\u200B'] = "",
    }.ToFrozenDictionary();

    /// <summary>Words of plain notation, each with the symbol it names.</summary>
    public static readonly FrozenDictionary<string, string> PlainSymbols = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["pi"] = SymbolNames.Pi,
        ["theta"] = "theta",
        ["alpha"] = "alpha",
        ["beta"] = "beta",
        ["gamma"] = "gamma",
        ["lambda"] = "lambda",
        ["omega"] = "omega",
        ["phi"] = "phi",
        ["inf"] = SymbolNames.Infinity,
        ["oo"] = SymbolNames.Infinity,
        ["infty"] = SymbolNames.Infinity,
        ["infinity"] = SymbolNames.Infinity,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Commands that are other spellings of a symbol.</summary>
    public static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["varnothing"] = SymbolNames.EmptySet,
        ["empty"] = SymbolNames.EmptySet,
        ["varepsilon"] = "epsilon",
        ["vartheta"] = "theta",
        ["hslash"] = "hbar",
        ["dotsc"] = "dots",
        ["dotsb"] = "dots",
        ["ldots"] = "dots",
        ["cdots"] = "dots",
        ["imath"] = SymbolNames.ImaginaryUnit,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

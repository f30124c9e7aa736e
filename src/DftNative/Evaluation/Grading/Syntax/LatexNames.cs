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
        ["yen"] = "¥",
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
        ['ε'] = "\\epsilon ",
        ['ζ'] = "\\zeta ",
        ['η'] = "\\eta ",
        ['ι'] = "\\iota ",
        ['κ'] = "\\kappa ",
        ['ν'] = "\\nu ",
        ['ξ'] = "\\xi ",
        ['ρ'] = "\\rho ",
        ['τ'] = "\\tau ",
        ['χ'] = "\\chi ",
        ['ψ'] = "\\psi ",
        ['Γ'] = "\\Gamma ",
        ['Δ'] = "\\Delta ",
        ['Λ'] = "\\Lambda ",
        ['Ξ'] = "\\Xi ",
        ['Π'] = "\\Pi ",
        ['Σ'] = "\\Sigma ",
        ['Φ'] = "\\Phi ",
        ['Ψ'] = "\\Psi ",
        ['Ω'] = "\\Omega ",
        ['φ'] = "\\phi ",
        ['l'] = "\\ell ",
        ['ħ'] = "\\hbar ",
        ['Θ'] = "\\Theta ",
        ['µ'] = "\\mu ",
        ['∆'] = "\\Delta ",
        ['Ω'] = "\\Omega ",
        ['∞'] = "\\infty ",
        ['√'] = "\\sqrt ",
        ['∛'] = "\\cbrt ",
        ['ℕ'] = "\\mathbb{N}",
        ['ℤ'] = "\\mathbb{Z}",
        ['ℚ'] = "\\mathbb{Q}",
        ['ℂ'] = "\\mathbb{C}",
        ['ℝ'] = "\\mathbb{R}",
        ['→'] = "\\to ",
        ['⇒'] = "\\Rightarrow ",
        ['…'] = "\\dots ",
        ['⋯'] = "\\dots ",
        ['∣'] = "|",
        ['″'] = "''",
        ['∧'] = "\\land ",
        ['∨'] = "\\lor ",
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
        ['⅕'] = "\\frac{1}{5}",
        ['⅖'] = "\\frac{2}{5}",
        ['⅗'] = "\\frac{3}{5}",
        ['⅘'] = "\\frac{4}{5}",
        ['⅙'] = "\\frac{1}{6}",
        ['⅚'] = "\\frac{5}{6}",
        ['⅐'] = "\\frac{1}{7}",
        ['⅜'] = "\\frac{3}{8}",
        ['⅝'] = "\\frac{5}{8}",
        ['⅞'] = "\\frac{7}{8}",
        ['⅑'] = "\\frac{1}{9}",
        ['⅒'] = "\\frac{1}{10}",
        ['“'] = "",
        ['”'] = "",
        ['\u00A0'] = " ",
        ['\u2009'] = "\\,",
        ['\u202F'] = "\\,",
        ['\u200B'] = "",
    }.ToFrozenDictionary();

    /// <summary>Raised signs of Unicode. A run of them is one exponent.</summary>
    public const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ";

    /// <summary>What both are on the line.</summary>
    public const string RaisedPlain = "0123456789+-()ni";

    /// <summary>Lowered signs of Unicode, in the order of <see cref="RaisedPlain"/>. A run of them is one index.</summary>
    public const string Lowered = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢ";

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
        ["rightarrow"] = "to",
        ["longrightarrow"] = "to",
        ["Longrightarrow"] = "implies",
        ["Rightarrow"] = "implies",
        ["varepsilon"] = "epsilon",
        ["varphi"] = "phi",
        ["jmath"] = "j",
        ["vartheta"] = "theta",
        ["hslash"] = "hbar",
        ["dotsc"] = "dots",
        ["dotsb"] = "dots",
        ["ldots"] = "dots",
        ["cdots"] = "dots",
        ["imath"] = SymbolNames.ImaginaryUnit,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

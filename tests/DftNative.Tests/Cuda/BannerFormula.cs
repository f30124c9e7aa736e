using System.Globalization;

namespace DftNative.Tests.Cuda;

/// <summary>
/// A formula of a kernel's banner over named numbers: sums, differences, products and quotients from left to right, brackets,
/// min(a, b) and ceil(a).
/// </summary>
internal sealed class BannerFormula
{
    private readonly string text;
    private readonly IReadOnlyDictionary<string, double> values;
    private int place;

    private BannerFormula(string text, IReadOnlyDictionary<string, double> values) => (this.text, this.values) = (text, values);

    /// <summary>The formula's value.</summary>
    /// <exception cref="FormatException">It is no formula, or names a number that is not there.</exception>
    public static double Evaluate(string text, IReadOnlyDictionary<string, double> values)
    {
        var formula = new BannerFormula(text, values);
        var value = formula.Sum();
        return formula.place == text.Length ? value : throw formula.Error();
    }

    private double Sum()
    {
        var sum = Product();
        while (true)
        {
            if (Take('+')) sum += Product();
            else if (Take('-')) sum -= Product();
            else return sum;
        }
    }

    private double Product()
    {
        var product = Factor();
        while (true)
        {
            if (Take('*')) product *= Factor();
            else if (Take('/')) product /= Factor();
            else return product;
        }
    }

    private double Factor()
    {
        if (Take('(')) return Closed(Sum());
        var begin = place;
        while (place < text.Length && (char.IsAsciiLetterOrDigit(text[place]) || text[place] == '_')) place++;
        var word = text[begin..place];
        if (word == "ceil" && Take('(')) return Closed(Math.Ceiling(Sum()));
        if (word == "min" && Take('(')) return Closed(Math.Min(Sum(), Take(',') ? Sum() : throw Error()));
        if (double.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || values.TryGetValue(word, out number))
        {
            Take(' ');
            return number;
        }

        throw Error();
    }

    private double Closed(double value) => Take(')') ? value : throw Error();

    /// <summary>Whether that is next, which it then passes, with the space around it.</summary>
    private bool Take(char symbol)
    {
        while (place < text.Length && text[place] == ' ') place++;
        if (symbol == ' ' || place == text.Length || text[place] != symbol) return false;
        place++;
        while (place < text.Length && text[place] == ' ') place++;
        return true;
    }

    private FormatException Error() => new($"'{text}' at {place}: '{text[place..]}'");
}

using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Units;

/// <summary>The units of measure by name, in full and in short; factors as the International System and the US customary units define them.</summary>
internal static class UnitTable
{
    private static readonly FrozenDictionary<string, MeasureUnit> Units = CreateUnits().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a word is a unit, or one that stands beside units, such as <c>square</c>.</summary>
    public static bool IsUnit(string word) => Find(word) is not null || IsPower(word) is not null || word is "per";

    /// <summary>The unit of that name.</summary>
    /// <returns>Null if there is none.</returns>
    public static MeasureUnit? Find(string word) =>
        Units.TryGetValue(word, out var unit) || (word.Length > 2 && Units.TryGetValue(word.ToLowerInvariant(), out unit)) ? unit : null;

    /// <summary>Whether a unit of two letters is as often a product of two variables, as mV, nm and mg are: directly behind a single digit, it is.</summary>
    public static bool IsProductLike(string word) => word.Length == 2 && word is not ("cm" or "mm" or "km" or "kg" or "in" or "ft" or "yd" or "mi" or "ml" or "lb" or "oz" or "hr" or "yr" or "sq" or "cu" or "qt" or "dm" or "mL" or "cc" or "Hz" or "eV" or "Pa" or "kJ" or "kW" or "kV" or "kN");

    /// <summary>The exponent that a word gives to the unit after it.</summary>
    /// <returns>Null if it is no such word.</returns>
    public static int? IsPower(string word) => word.ToLowerInvariant() switch
    {
        "square" or "sq" or "squared" => 2,
        "cubic" or "cu" or "cubed" => 3,
        _ => null,
    };

    /// <summary>What a word of quantity multiplies by.</summary>
    /// <returns>Null if it is no such word.</returns>
    public static Rational? Multiplier(string word) => word.ToLowerInvariant() switch
    {
        "dozen" or "dozens" => new Rational(12),
        "hundred" => new Rational(100),
        "thousand" => new Rational(1000),
        "million" => new Rational(1_000_000),
        "billion" => new Rational(1_000_000_000),
        "trillion" => new Rational(1_000_000_000_000),
        _ => null,
    };

    private static Dictionary<string, MeasureUnit> CreateUnits()
    {
        var units = new Dictionary<string, MeasureUnit>(StringComparer.Ordinal);
        AddLengths(units);
        AddMasses(units);
        AddTimes(units);
        AddVolumes(units);
        AddMoney(units);
        AddPhysics(units);
        AddPrefixed(units);
        Add(units, new MeasureUnit(default, Rational.PowerOfTen(-6)), "mu");
        Add(units, MeasureUnit.Degree, "degree", "degrees", "deg");
        Add(units, new MeasureUnit(default, Rational.One), "radian", "radians", "rad");
        Add(units, MeasureUnit.Percent, "percent", "pct");
        return units;
    }

    private static void AddLengths(Dictionary<string, MeasureUnit> units)
    {
        AddBase(units, BaseUnit.Metre, 1, 1, "m", "meter", "meters", "metre", "metres");
        AddBase(units, BaseUnit.Metre, 1000, 1, "km", "kilometer", "kilometers", "kilometre", "kilometres", "kms");
        AddBase(units, BaseUnit.Metre, 1, 10, "dm", "decimeter", "decimeters");
        AddBase(units, BaseUnit.Metre, 1, 100, "cm", "centimeter", "centimeters", "centimetre", "centimetres", "cms");
        AddBase(units, BaseUnit.Metre, 1, 1000, "mm", "millimeter", "millimeters", "millimetre", "millimetres");
        AddBase(units, BaseUnit.Metre, 1, 1_000_000, "micrometer", "micrometers", "micron", "microns");
        AddBase(units, BaseUnit.Metre, 1, 1_000_000_000, "nm", "nanometer", "nanometers");
        AddBase(units, BaseUnit.Metre, 254, 10_000, "in", "inch", "inches");
        AddBase(units, BaseUnit.Metre, 3048, 10_000, "ft", "foot", "feet");
        AddBase(units, BaseUnit.Metre, 9144, 10_000, "yd", "yard", "yards", "yds");
        AddBase(units, BaseUnit.Metre, 1_609_344, 1000, "mi", "mile", "miles");
        Add(units, units["mi"].Times(units["h"] = Seconds(3600), -1), "mph");
        Add(units, units["km"].Times(units["h"], -1), "kph", "kmh");
        Add(units, MeasureUnit.None.Times(units["mi"], 2) with { Factor = new Rational(40_468_564_224, 10_000_000) }, "acre", "acres");
    }

    private static void AddMasses(Dictionary<string, MeasureUnit> units)
    {
        AddBase(units, BaseUnit.Kilogram, 1, 1, "kg", "kilogram", "kilograms", "kgs");
        AddBase(units, BaseUnit.Kilogram, 1, 1000, "g", "gram", "grams");
        AddBase(units, BaseUnit.Kilogram, 1, 1_000_000, "mg", "milligram", "milligrams");
        AddBase(units, BaseUnit.Kilogram, 45_359_237, 100_000_000, "lb", "lbs", "pound", "pounds");
        AddBase(units, BaseUnit.Kilogram, 45_359_237, 1_600_000_000, "oz", "ounce", "ounces");
        AddBase(units, BaseUnit.Kilogram, 1000, 1, "tonne", "tonnes");
        AddBase(units, BaseUnit.Kilogram, 45_359_237, 50_000, "ton", "tons");
    }

    private static void AddTimes(Dictionary<string, MeasureUnit> units)
    {
        Add(units, Seconds(1), "s", "sec", "secs", "second", "seconds");
        Add(units, Seconds(60), "min", "mins", "minute", "minutes");
        Add(units, Seconds(3600), "h", "hr", "hrs", "hour", "hours");
        Add(units, Seconds(86_400), "day", "days");
        Add(units, Seconds(604_800), "week", "weeks");

        // The Gregorian calendar's mean month and year.
        Add(units, Seconds(2_629_746), "month", "months");
        Add(units, Seconds(31_556_952), "year", "years", "yr", "yrs");
    }

    private static void AddVolumes(Dictionary<string, MeasureUnit> units)
    {
        var cubicMetre = MeasureUnit.None.Times(units["m"], 3);
        Add(units, cubicMetre with { Factor = new Rational(1, 1000) }, "L", "l", "liter", "liters", "litre", "litres");
        Add(units, cubicMetre with { Factor = new Rational(1, 1_000_000) }, "mL", "ml", "milliliter", "milliliters", "millilitre", "millilitres", "cc");
        Add(units, cubicMetre with { Factor = new Rational(473_176_473, 125_000_000_000) }, "gallon", "gallons", "gal");
        Add(units, cubicMetre with { Factor = new Rational(473_176_473, 500_000_000_000) }, "quart", "quarts", "qt");
        Add(units, cubicMetre with { Factor = new Rational(473_176_473, 1_000_000_000_000) }, "pint", "pints");
    }

    private static void AddMoney(Dictionary<string, MeasureUnit> units)
    {
        AddBase(units, BaseUnit.Dollar, 1, 1, "dollar", "dollars", "USD", "usd", "bucks");
        AddBase(units, BaseUnit.Dollar, 1, 100, "cent", "cents");
        AddBase(units, BaseUnit.Currency, 1, 1, "euro", "euros", "EUR");
        AddBase(units, BaseUnit.Currency, 2, 1, "GBP");
        AddBase(units, BaseUnit.Currency, 3, 1, "yen", "JPY");
        AddBase(units, BaseUnit.Currency, 5, 1, "rupee", "rupees", "INR");
    }

    private static void AddPhysics(Dictionary<string, MeasureUnit> units)
    {
        AddBase(units, BaseUnit.Kelvin, 1, 1, "K", "kelvin", "kelvins");
        AddBase(units, BaseUnit.Temperature, 1, 1, "celsius");
        AddBase(units, BaseUnit.Temperature, 2, 1, "fahrenheit");
        AddBase(units, BaseUnit.Ampere, 1, 1, "A", "amp", "amps", "ampere", "amperes");
        AddBase(units, BaseUnit.Mole, 1, 1, "mol", "mole", "moles");
        var newton = units["kg"].Times(units["m"], 1).Times(units["s"], -2);
        var joule = newton.Times(units["m"], 1);
        var watt = joule.Times(units["s"], -1);
        Add(units, newton, "N", "newton", "newtons");
        Add(units, joule, "J", "joule", "joules");
        Add(units, watt, "W", "watt", "watts");
        Add(units, watt.Times(units["A"], -1), "V", "volt", "volts");
        Add(units, newton.Times(units["m"], -2), "Pa", "pascal", "pascals");
        Add(units, MeasureUnit.None.Times(units["s"], -1), "Hz", "hertz");
        Add(units, joule with { Factor = new Rational(1, 10_000_000) }, "erg", "ergs");
        Add(units, units["V"].Times(units["A"], -1), "ohm", "ohms", "Omega");
        Add(units, units["A"].Times(units["s"], 1), "coulomb", "coulombs");
        Add(units, joule with { Factor = new Rational(BigInteger.Parse("1602176634", CultureInfo.InvariantCulture), BigInteger.Pow(10, 28)) }, "eV", "electronvolt", "electronvolts");
        Add(units, joule with { Factor = new Rational(4184, 1000) }, "cal", "calorie", "calories");
        Add(units, joule with { Factor = new Rational(3_600_000) }, "kWh");
        Add(units, units["Pa"] with { Factor = new Rational(101_325) }, "atm", "atmosphere", "atmospheres");
        Add(units, units["m"] with { Factor = new Rational(1, 10_000_000_000) }, "angstrom", "angstroms");
    }

    // mA, GHz, millivolts: what the prefix multiplies.
    private static void AddPrefixed(Dictionary<string, MeasureUnit> units)
    {
        (string Symbol, string Name, int Exponent)[] prefixes = [("p", "pico", -12), ("n", "nano", -9), ("u", "micro", -6), ("m", "milli", -3), ("c", "centi", -2), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12)];
        (string Symbol, string Name)[] names =
        [
            ("m", "meter"), ("g", "gram"), ("s", "second"), ("A", "ampere"), ("mol", "mole"), ("N", "newton"), ("J", "joule"), ("W", "watt"), ("V", "volt"), ("Pa", "pascal"),
            ("Hz", "hertz"), ("eV", "electronvolt"), ("L", "liter"), ("K", "kelvin"), ("cal", "calorie"), ("ohm", "ohm"),
        ];
        foreach (var (prefix, prefixName, exponent) in prefixes)
        {
            foreach (var (symbol, name) in names)
            {
                var unit = units[symbol] with { Factor = units[symbol].Factor * Rational.PowerOfTen(exponent) };
                foreach (var word in (ReadOnlySpan<string>)[prefix + symbol, prefixName + name, prefixName + name + "s"]) units.TryAdd(word, unit);
            }
        }
    }

    private static MeasureUnit Seconds(int count) => new(UnitDimensions.Of(BaseUnit.Second), new Rational(count));

    private static void AddBase(Dictionary<string, MeasureUnit> units, BaseUnit unit, long numerator, long denominator, params string[] names) =>
        Add(units, new MeasureUnit(UnitDimensions.Of(unit), new Rational(numerator, denominator)), names);

    private static void Add(Dictionary<string, MeasureUnit> units, MeasureUnit unit, params string[] names)
    {
        foreach (var name in names) units[name] = unit;
    }
}

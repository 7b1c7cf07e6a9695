namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the choice between light and dark.</summary>
public sealed class ThemeTexts;

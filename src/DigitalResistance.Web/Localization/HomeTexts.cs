namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the front page.</summary>
public sealed class HomeTexts;

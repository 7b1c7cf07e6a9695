namespace DigitalResistance.Web.Localization;

/// <summary>Texts of an operator's home.</summary>
public sealed class MyTexts;

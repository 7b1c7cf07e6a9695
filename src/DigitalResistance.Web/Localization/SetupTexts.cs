namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the set-up page and of its checks.</summary>
public sealed class SetupTexts;

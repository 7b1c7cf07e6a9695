namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the review of operators, for admins, for the operators and for everybody.</summary>
public sealed class ReviewTexts;

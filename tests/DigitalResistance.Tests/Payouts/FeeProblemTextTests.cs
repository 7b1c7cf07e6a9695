using System.Globalization;
using DigitalResistance.Payouts;
using DigitalResistance.Tests.Site;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Treasury;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Tests.Payouts;

public sealed class FeeProblemTextTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    [Theory]
    [InlineData("en", FeeRule.RateTooHigh, 50_500, 50_000, "The fee rate of 50.5 sat/vB is above 50 sat/vB.")]
    [InlineData("ru", FeeRule.RateTooLow, 999, 1_000, "Ставка 0.999 sat/vB ниже 1 sat/vB.")]
    [InlineData("en", FeeRule.TooMuch, 5_001, 5_000, "The fee of 5001 sat is above 5000 sat.")]
    public void Rates_are_told_by_the_virtual_byte_and_fees_in_satoshi(string language, FeeRule rule, long found, long limit, string sentence)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        Assert.Equal(sentence, app.Services.GetRequiredService<IStringLocalizer<TreasuryTexts>>().Say(new FeeProblem(rule, found, limit)));
    }

    [Theory]
    [InlineData("en", PaymentProblem.PaysTheTreasury, "The address of abc is one of the treasury itself")]
    [InlineData("ru", PaymentProblem.PaysTheTreasury, "Адрес abc принадлежит самой казне")]
    [InlineData("en", PaymentProblem.TooLarge, "abc would be paid more than one payment may be")]
    [InlineData("ru", PaymentProblem.Dust, "abc досталось бы меньше, чем передаёт сеть")]
    public void A_payment_that_must_not_be_built_is_named_with_what_is_wrong_with_it(string language, PaymentProblem problem, string sentence)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        var refused = new BuildResult.PlanRefused(new PlanResult.Refused([new RefusedPayment("abc", problem)]));
        Assert.StartsWith(sentence, app.Services.GetRequiredService<IStringLocalizer<TreasuryTexts>>().Say(refused), StringComparison.Ordinal);
    }
}

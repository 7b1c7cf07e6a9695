using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Payouts;

/// <summary>Registration of payments: building, exporting, signatures, broadcast, confirmation.</summary>
public static class PayoutServices
{
    /// <summary>The acts of a payment's life. Needs <c>AddData</c>, <c>AddTreasury</c>, <c>AddLedger</c> and the policy in force.</summary>
    public static IServiceCollection AddPayouts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PayoutOptions>().Bind(configuration.GetSection("Payouts")).ValidateDataAnnotations()
            .Validate(o => o.MinFeeRateSatPerVByte <= o.MaxFeeRateSatPerVByte, "Payouts:MinFeeRateSatPerVByte must not be above Payouts:MaxFeeRateSatPerVByte.")
            .ValidateOnStart();
        services.AddScoped<ITreasuryFacts, TreasuryFactsReader>();
        services.AddScoped<FeeRates>();
        services.AddScoped<PaymentLock>();
        services.AddScoped<SigningLimits>();
        services.AddScoped<PaymentRewriting>();
        services.AddScoped<RoundRewriting>();
        services.AddScoped<ApprovedTexts>();
        services.AddScoped<LostOrders>();
        services.AddScoped<PaymentImport>();
        services.AddScoped<PaymentRecovery>();
        services.AddScoped<ToldPayments>();
        services.AddScoped<IReadmissionHearer>(provider => provider.GetRequiredService<ToldPayments>());
        services.AddScoped<BatchBuilding>();
        services.AddScoped<BatchReplacing>();
        services.AddScoped<BatchExport>();
        services.AddScoped<SignatureIntake>();
        services.AddScoped<SigningRoom>();
        services.AddScoped<BatchBroadcast>();
        services.AddScoped<BatchConfirmation>();
        services.AddScoped<RoundProgress>();
        services.AddScoped<MoveBuilding>();
        services.AddScoped<MoveProgress>();
        services.AddScoped<RehearsalQuery>();
        services.AddScoped<Rehearsals>();
        services.AddScoped<ForeignSpendBooking>();
        services.AddScoped<ForeignSpendReverting>();
        return configuration.GetValue("Bitcoin:Backend", "none") == "none"
            ? services : services.AddPass<PayoutPass>(TimeSpan.FromSeconds(configuration.GetValue("Payouts:PassSeconds", new PayoutOptions().PassSeconds)));
    }
}

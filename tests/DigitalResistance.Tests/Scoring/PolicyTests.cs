using System.Text;
using System.Text.Json.Nodes;
using DigitalResistance.Scoring;

namespace DigitalResistance.Tests.Scoring;

public sealed class PolicyTests
{
    [Fact]
    public void The_shipped_policy_is_valid_and_hashes_its_own_bytes()
    {
        var policy = Policy.Standard;
        Assert.Equal("standard-1", policy.Name);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(policy.Bytes)), policy.Sha256);
        Assert.Equal(policy.Sha256, Policy.Read(policy.Bytes).Sha256);
    }

    [Fact]
    public void The_founding_policy_differs_from_the_standard_one_only_where_newcomers_are_concerned()
    {
        var (founding, standard) = (JsonNode.Parse(Policy.Founding.Bytes)!.AsObject(), JsonNode.Parse(Policy.Standard.Bytes)!.AsObject());
        var other = founding.Where(m => m.Value!.ToJsonString() != standard[m.Key]?.ToJsonString()).Select(m => m.Key);
        Assert.Equal(["name", "tenure", "tenureProbes", "capFairShares", "firstRounds"], other);
        Assert.Empty(standard.Select(m => m.Key).Except(founding.Select(m => m.Key)));
        Assert.Equal((72, 1_000_000, 100, 2, 3), (Policy.Founding.Tenure[0].FromHours, Policy.Founding.Tenure[0].FactorPpm, Policy.Founding.TenureProbes, Policy.Founding.CapFairShares, Policy.Founding.FirstRounds));
    }

    [Fact]
    public void The_published_schema_lists_exactly_the_members_of_a_policy()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Testing.Needs.Beside("docs/specs/policy.schema.json")))!;
        var published = schema["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal);
        var members = typeof(Policy).GetProperties()
            .Where(p => !p.IsDefined(typeof(System.Text.Json.Serialization.JsonIgnoreAttribute), false) && p.GetMethod!.IsPublic && !p.GetMethod.IsStatic)
            .Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]).Order(StringComparer.Ordinal);
        Assert.Equal(published, members);
    }

    [Theory]
    [InlineData("slotSeconds", "601", "slotSeconds: 601 does not divide a day.")]
    [InlineData("slotSeconds", "0", "slotSeconds: 0 is not between 1 and 3600.")]
    [InlineData("slotSeconds", "600.0", "slotSeconds: must be of type integer.")]
    [InlineData("slotSeconds", "6e2", "slotSeconds: must be of type integer.")]
    [InlineData("slotSeconds", "\"600\"", "slotSeconds: must be of type integer.")]
    [InlineData("slotSeconds", null, "slotSeconds: is missing.")]
    [InlineData("windowSeconds", "21601", "windowSeconds: 21601 does not divide a day.")]
    [InlineData("windowSeconds", "900", "windowSeconds: 900 is not a whole number of slots of 600 s.")]
    [InlineData("windowCoveragePpm", "1000001", "windowCoveragePpm: 1000001 is not between 1 and 1000000.")]
    [InlineData("minVantages", "0", "minVantages: 0 is not between 1 and 16.")]
    [InlineData("name", "\"Standard 1\"", "name: must match ^[a-z0-9][a-z0-9.-]{0,39}$.")]
    [InlineData("name", "\"standard-1\\n\"", "name: must match ^[a-z0-9][a-z0-9.-]{0,39}$.")]
    [InlineData("buckets", "[]", "buckets: must have 1 to 20 items.")]
    [InlineData("buckets", "[{\"fromPpm\":1000001,\"weight\":1}]", "buckets[0].fromPpm: 1000001 is not between 0 and 1000000.")]
    [InlineData("buckets", "[{\"fromPpm\":1,\"weight\":5},{\"fromPpm\":2,\"weight\":4}]", "buckets: fromPpm and weight must both ascend.")]
    [InlineData("tenure", "[{\"fromHours\":9,\"factorPpm\":5},{\"fromHours\":9,\"factorPpm\":6}]", "tenure: fromHours and factorPpm must both ascend.")]
    [InlineData("presence", "[{\"fromPpm\":1,\"factorPpm\":5,\"extra\":1}]", "presence[0].extra: is not a member of a policy.")]
    [InlineData("surprise", "1", "surprise: is not a member of a policy.")]
    public void A_mistake_is_named_by_its_member(string member, string? value, string message)
    {
        var json = JsonNode.Parse(Policy.Standard.Bytes)!.AsObject();
        json.Remove(member);
        if (value is not null) json[member] = JsonNode.Parse(value);
        var refusal = Assert.Throws<PolicyException>(() => Policy.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains(message, refusal.Mistakes);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var json = JsonNode.Parse(Policy.Standard.Bytes)!.AsObject();
        json["slotSeconds"] = 0;
        json["creditDays"] = "never";
        json.Remove("tenure");
        var refusal = Assert.Throws<PolicyException>(() => Policy.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Equal(3, refusal.Mistakes.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{\"name\":")]
    public void What_is_not_one_JSON_object_is_refused(string text) =>
        Assert.Throws<PolicyException>(() => Policy.Read(Encoding.UTF8.GetBytes(text)));
}

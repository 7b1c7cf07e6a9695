using DigitalResistance.Testing;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

public sealed class MerkleTreeTests
{
    private const int Largest = 300;
    private static readonly TreeHash[] Leaves = DemoLog.Leaves;
    private static readonly TreeHash[] Roots = [.. Enumerable.Range(0, Largest + 1).Select(n => MerkleTree.Root(Leaves.AsSpan(0, n)))];

    [Theory]
    [InlineData(0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData(1, "lfJFY23k5STU5u/5Q652hiMdy/QsIDOQ/5Lmt7rYJZg=")]
    [InlineData(2, "0NUzYDKgaiBlvHNBzS1p5y0M+QAsJD1uNYlyV4zYaSg=")]
    [InlineData(3, "7fYKbTxsHEbLLxpUzThJQ240MS6lg6Sn/OX/wf5kKyk=")]
    [InlineData(16, "BGMFAWhAi60E0Rrm2kVrOPras7k3LJNeb/hKDPUss3s=")]
    [InlineData(256, "5qyJrVWRsLmdosTp54XYH+JMVAejGfsJd/BJyvlghVM=")]
    [InlineData(257, "W8A79Ij9w+o1ENa6C609gpbQBePniqiCcYc/TQs41i0=")]
    [InlineData(300, "9EZiLvLhfB2zF255Yi5kK6Odo+SIaWFfjVKlP6fyd1E=")]
    public void Roots_are_those_that_another_program_published(int size, string root) => Assert.Equal(root, Roots[size].ToBase64());

    [Fact]
    public void Leaves_are_those_that_another_program_published()
    {
        Assert.Equal("95f245636de4e524d4e6eff943ae7686231dcbf42c203390ff92e6b7bad82598", Leaves[0].ToString());
        Assert.Equal("03fbf707b66055f7fc8dd87742bf84415e6ae18432e758ba76be573ce04b12c8", Leaves[1].ToString());
    }

    [Fact]
    public void Proofs_are_those_that_another_program_published()
    {
        Assert.Equal(
            ["IfeTud+/N/GM80G8Xmb2YaMpRgv5n0VqWaEzxRn+MDE=", "uscIudqx9AzPySPQGitVV6wBiJ10OncEj8bKKq59qKs=", "BsJl9E5gzOiOBTQnSA2Db3CYVi7Q/eafoZx+aWCJjRE=", "qRj+Hp0V6GB/Tfrj4CxWq7ECM6WVdp5ud7ZEvTt8gSQ="],
            Hash(InclusionProof.Ranges(5, 16)).Select(h => h.ToBase64()));
        Assert.Equal(
            ["Os9MyPeTFpysFpnfATccqphgEiVF4N7xYekSWYt5Oug=", "q3e7yMQdOW6npPjcyc9kpThvnvUNaRc1iV9CmcCMkfs=", "0NUzYDKgaiBlvHNBzS1p5y0M+QAsJD1uNYlyV4zYaSg=", "EBOd3Jzx5PZ9yHJYTPbquNv1otSPFG6bo3gaHfiMj+g=", "qRj+Hp0V6GB/Tfrj4CxWq7ECM6WVdp5ud7ZEvTt8gSQ="],
            Hash(ConsistencyProof.Ranges(3, 16)).Select(h => h.ToBase64()));
    }

    [Fact]
    public void The_frontier_knows_every_root_on_its_way()
    {
        var frontier = new TreeFrontier();
        for (var size = 0; size < Largest; size++)
        {
            Assert.Equal(Roots[size], frontier.Root());
            frontier.Append(Leaves[size]);
        }
    }

    [Fact]
    public void Every_inclusion_proof_of_every_size_leads_to_the_root_and_no_neighbour_of_it_does()
    {
        for (var size = 1; size <= Largest; size += Needs.Depth(ci: size < 70 ? 1 : 23, @long: 1))
        {
            for (var index = 0; index < size; index++)
            {
                var proof = Hash(InclusionProof.Ranges(index, size));
                Assert.True(InclusionProof.Verify(index, size, Leaves[index], proof, Roots[size]), $"{index} of {size}");
                Assert.False(InclusionProof.Verify(index, size, Leaves[(index + 1) % Largest], proof, Roots[size]));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index], proof, Roots[size - 1]));
                Assert.False(InclusionProof.Verify(index, size, Leaves[index], [.. proof, Leaves[0]], Roots[size]));
                Assert.False(InclusionProof.Verify(index, 2 * size, Leaves[index], proof, Roots[size]), "a smaller tree passed for a larger");
                if (proof.Count > 0)
                {
                    Assert.False(InclusionProof.Verify(index, size, Leaves[index], [.. proof.Skip(1)], Roots[size]));
                    Assert.False(InclusionProof.Verify(index ^ 1, size, Leaves[index], proof, Roots[size]));
                }
            }
        }
    }

    [Fact]
    public void Every_consistency_proof_of_every_pair_joins_both_roots_and_no_others()
    {
        for (var newer = 0; newer <= Largest; newer += Needs.Depth(ci: newer < 70 ? 1 : 23, @long: 1))
        {
            for (var older = 0; older <= newer; older++)
            {
                var proof = Hash(ConsistencyProof.Ranges(older, newer));
                Assert.True(ConsistencyProof.Verify(older, newer, Roots[older], Roots[newer], proof), $"{older} to {newer}");
                if (older == newer || older == 0) continue;
                Assert.False(ConsistencyProof.Verify(older, newer, Roots[older - 1], Roots[newer], proof));
                Assert.False(ConsistencyProof.Verify(older, newer, Roots[older], Roots[newer - 1], proof));
                Assert.False(ConsistencyProof.Verify(older, newer, Roots[older], Roots[newer], [.. proof.Skip(1)]));
                Assert.False(ConsistencyProof.Verify(older, 2 * newer, Roots[older], Roots[newer], proof), "a smaller tree passed for a larger");
                Assert.False(ConsistencyProof.Verify(older, newer, Roots[older], Roots[newer], [.. proof, Leaves[0]]));
            }
        }
    }

    private static IReadOnlyList<TreeHash> Hash(IReadOnlyList<LeafRange> ranges) =>
        [.. ranges.Select(r => MerkleTree.Root(Leaves.AsSpan((int)r.Begin, (int)(r.End - r.Begin))))];
}

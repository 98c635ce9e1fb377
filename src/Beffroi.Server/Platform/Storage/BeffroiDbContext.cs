// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Beffroi.Server.Platform.Storage;

/// <summary>The one model of the server. Each feature brings its tables by an <see cref="ISchemaPart"/>; entities are reached by <c>Set&lt;T&gt;()</c>.</summary>
/// <remarks>Made per unit of work by <see cref="IDbContextFactory{TContext}"/>; tracks nothing unless asked (<c>AsTracking</c> or <see cref="Change"/>).</remarks>
public sealed class BeffroiDbContext(DbContextOptions<BeffroiDbContext> options, IEnumerable<ISchemaPart> parts) : DbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        foreach (var part in parts) part.Configure(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
            foreach (var property in entity.GetProperties())
                if (property.FindAnnotation("Relational:ColumnName") is null) property.SetColumnName(Snake(property.Name));
    }

    /// <summary><c>FamilyName</c> is the column <c>family_name</c> in both stores, so that SQL needs no quotes.</summary>
    internal static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1])) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>Times are UTC in the store: SQLite compares them as text, PostgreSQL has <c>timestamptz</c>.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
        time => time.UtcDateTime, stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));
}

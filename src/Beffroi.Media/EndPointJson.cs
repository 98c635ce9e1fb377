// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beffroi.Media;

/// <summary>Writes an address and port as "192.0.2.1:20000" or "[2001:db8::1]:20000", for snapshots.</summary>
internal sealed class EndPointJson : JsonConverter<IPEndPoint>
{
    public override IPEndPoint? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPEndPoint.TryParse(reader.GetString() ?? "", out var endPoint) ? endPoint : throw new JsonException("An address with a port is expected.");

    public override void Write(Utf8JsonWriter writer, IPEndPoint value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

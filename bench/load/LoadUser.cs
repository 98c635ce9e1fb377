// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Load;

/// <summary>A user that calls or is called: its number is also what others dial.</summary>
public sealed record LoadUser(string Number, string UserName, string Password);

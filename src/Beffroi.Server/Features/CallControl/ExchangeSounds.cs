// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Calls;
using Beffroi.Media.Codecs;
using Beffroi.Media.Prompts;

namespace Beffroi.Server.Features.CallControl;

/// <summary>The sounds of every call, from the prompts.</summary>
internal sealed class ExchangeSounds(PromptLibrary prompts) : ICallSounds
{
    public AudioClip Music => prompts.Find(PromptLibrary.Carillon, "fr");

    public AudioClip Ringback { get; } = CallProgressTones.Ringback;

    public AudioClip? Prompt(string name, string language) => prompts.Find(name, language);
}

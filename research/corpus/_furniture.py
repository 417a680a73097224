"""What web and news pages print around an article, as patterns of general furniture; no site's own wording.

Every pattern is matched against a line in lower case with straight quotes (`match_key`).
"""

from __future__ import annotations

import re

__all__ = [
    "ADDRESS",
    "BIO_ROLE",
    "CAPTION_OPENING",
    "CODE",
    "CREDIT",
    "CREDIT_OPENING",
    "CREDITED_NAME",
    "DATED_PRESENT",
    "DATE_PARTS",
    "GENERIC_HEADINGS",
    "HIDE_CAPTION",
    "LABELLED_PLACE",
    "LINK_LABEL",
    "OPENINGS",
    "PHRASES",
    "PHOTO_PLACE",
    "PICTURED",
    "PLACED",
    "PLACED_NOW",
    "PLAYER_WORD",
    "WEATHER",
    "WORDINGS",
    "WRITER",
]

# The whole line, punctuation at its ends set aside.
_PHRASES = """
advertisement; advertisements; advertising; ad; ads; sponsored; sponsored content; sponsored links; promoted
content; paid content; paid post; partner content; story continued below; story continues below; article
continues below; story continues below advertisement; article continues after advertisement; continue reading;
continue reading below; continue reading the main story; scroll to continue; read more; read more here; read
next; read the full story; read the full article; read full story; read full article; read on; up next; more
on this; more on this story; more on this topic; more stories; more news; more like this; more coverage; most
read; most popular; most viewed; most watched; most commented; trending; trending now; trending news; trending
stories; trending topics; trending videos; what's trending; popular; popular now; popular posts; popular
stories; latest; latest news; latest stories; latest posts; latest updates; latest articles; latest videos;
latest headlines; breaking; breaking news; top stories; top news; top headlines; headlines; recent posts;
recent articles; recent news; recent stories; recent comments; related; related news; related articles;
related stories; related posts; related topics; related content; related links; related coverage; related
reading; related video; related videos; related article; related story; recommended; recommended for you;
recommended stories; recommended reading; recommended articles; you may also like; you might also like; you
may like; editor's picks; editors' picks; editor's choice; don't miss; must read; must reads; what to read
next; in case you missed it; from around the web; around the web; from the web; post comment; post a comment;
leave a comment; leave a reply; add a comment; add comment; write a comment; comments; comment; view comments;
show comments; hide comments; read comments; load comments; load more comments; no comments; no comments yet;
comments are closed; join the conversation; join the discussion; reply; cancel reply; submit; submit comment;
your email address; share; share this; share this article; share this story; share this post; share this page;
share on facebook; share on twitter; share on x; share on linkedin; share on whatsapp; share via email; share
with friends; share options; sharing; tweet; tweet this; retweet; print; print this; print article; email;
e-mail; email this; email this article; save; save article; copy link; link copied; copied; bookmark;
facebook; twitter; linkedin; whatsapp; telegram; instagram; youtube; reddit; pinterest; flipboard; messenger;
tiktok; threads; rss; subscribe; subscribe now; subscribe today; subscribed; unsubscribe; sign up; sign up
now; sign up here; sign in; sign out; log in; log out; login; logout; register; my account; account;
newsletter; newsletters; newsletter signup; newsletter sign up; newsletter sign-up; email sign up; get the
app; get our app; download the app; download our app; menu; main menu; home; homepage; search; skip to
content; skip to main content; skip navigation; close; loading; please wait; play; pause; mute; unmute; play
video; now playing; video; videos; watch; watch live; watch now; watch video; watch the video; live updates;
listen; listen now; audio; photo; photos; gallery; photo gallery; photogallery; view gallery; image; images;
slideshow; enlarge; enlarge image; enlarge this image; expand; caption; hide caption; toggle caption; tags;
tag; categories; category; filed under; about; about us; contact; contact us; advertise; advertise with us;
careers; sitemap; site map; privacy; privacy policy; terms; terms of use; terms of service; terms and
conditions; cookie policy; cookies; cookie settings; accept; accept all; accept cookies; accept all cookies;
reject all; manage preferences; all rights reserved; copyright; disclaimer; back to top; top; back; previous;
next; prev; previous article; next article; previous post; next post; previous story; next story; view all;
see all; see more; show more; show less; load more; view more; learn more; find out more; click here; more
info; donate; donate now; support us; become a member; join now; join us; about the author; about the authors;
about author; author; authors; author bio; written by; follow us; follow; following; follow us on; stay
connected; connect with us; also see; see also; also read; read also; more; full coverage; special coverage;
full story; view transcript; no thanks; not now; ok; got it; feedback; report an error; report this ad; pull
quote; pullquote; what do you think; have your say; weigh in; your turn; for more; related video; embed;
rate this article; was this helpful; next up; live tv; editions; edition; weather
"""
PHRASES = frozenset(phrase.strip() for phrase in _PHRASES.replace("\n", " ").split(";"))

_NETWORK = r"(?:twitter|facebook|instagram|linkedin|youtube|telegram|whatsapp|threads|bluesky|mastodon|tiktok|x)\b"
_LIST = r"(?:newsletters?|e-?mails?|inbox|alerts?|updates?|podcasts?|briefings?)\b"

# The line begins so: (what it is, pattern).
OPENINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        (
            "a link to other pages",
            r"read (?:more|also|next)\b|also read\b|see also\b|read or share\b|[(\[]\s*read\b"
            r"|click for more\b|keep reading\b|more on this(?:\.\.\.|…)|[(\[](?:watch|listen|read)(?: \w+)?:"
            r"|\[(?:here's|here are|how|why|what) [^\[\]]{10,120}\]$"
            r"|[(\[]\s*[a-z]+(?: [a-z]+){0,2}:(?=.{3,120}$)[^.()\[\]]+[)\]]\s*$",
        ),
        (
            "a link to other pages",
            r"[(\[]?\s*(?:also read|related|more|watch(?: live| now)?|video|listen|don't miss|must[- ]read"
            r"|trending|recommended|"
            r"further reading|up next|(?:full|special|more|complete) coverage"
            r"|more (?:(?:stories|news|headlines|contributions) )?(?:from|on|about|at) [^:]{1,60}"
            r"|(?<=[(\[] )also on [^:]{1,40}|(?<=[(\[])also on [^:]{1,40}|"
            r"related (?:story|stories|articles?|links?|news|content|coverage|reading|videos?)|(?:read"
            r"|see)(?: \w+){0,2})\s*[:|»>]",
        ),
        ("an instruction to click", r"\W*(?:click|tap) (?:here|to|on|below|the|through)\b"),
        (
            "an instruction to click",
            r"\W*(?:(?:to (?:view|see|read)|for) (?:an?|the|our|more) .{2,80}, click\b|graphic:? \S+://)",
        ),
        (
            "a way to reach the desk or the reporter",
            r"(?:please )?(?:send|e-?mail|share|tell|let|contact|write|reach|text) "
            r"(?:us|your|this|the|any|story|tips|letters)\b"
            r".{0,110}(?:\S+@ ?\w+\.\w+|\[email.protected\]|\be-?mailing\b|\bcomments? (?:section|below)\b"
            r"|\bform below\b)",
        ),
        ("words of a share button", r"share (?:all )?sharing options\b|all sharing options\b"),
        (
            "words of a video player",
            r"play video \d{1,2}:\d\d\b|related videos?\b(?!.{20}.*\b(?:shows?|showed|was|were)\b)",
        ),
        ("a picture gallery", r"photos: .{0,60}photos: "),
        (
            "a correction",
            r"\W*(?:correction|clarification)s?(?: \([^)]{1,40}\)|, [^:]{1,30})?\s*:",
        ),
        ("an invitation to sign up", r"\W*sign up (?:for|to|here|now|today|below)\b"),
        ("an invitation to subscribe", r"\W*subscribe (?:to|now|today|here|for|via|and)\b"),
        (
            "an invitation to follow",
            r"\W*(?:please )?(?:follow|like|join|find|connect with|tweet)(?: [\w.,'&-]+){0,12} on "
            + _NETWORK
            + r"|\W*(?:follow|tweet|like) (?:us\b|@\w|https?:|the \w+ on )|\W*(?:join|find) us (?:on|at)\b",
        ),
        (
            "an invitation to share",
            r"(?:share|tweet|pin|e-?mail|print|save|bookmark) this (?:article|story|post|page|on|via)\b",
        ),
        (
            "an invitation to a newsletter or app",
            r"get (?:the|our|all|more|your|breaking|daily|unlimited|alerts)\b.{0,80}\b(?:newsletters?|inbox"
            r"|app|delivered|alerts)\b"
            r"|download (?:the|our)\b.{0,40}\bapp\b",
        ),
        ("a copyright line", r"copyright\b|\(c\) ?\d{4}|©"),
        (
            "a line on where or when it appeared",
            r"[\W_]*(?:(?:updated?\b[^:]{0,30}|note|[a-z]{3,9} \d{1,2}(?:, \d{4})?): ?)?(?:this|the) (?:article"
            r"|story|post|page"
            r"|piece|report|column|essay|op-ed|transcript|interview|conversation|headline|work|material|content)\b"
            r".{0,30}\b(?:corrects\b|(?:contains|includes|uses) (?:material|reporting|information) from\b"
            r"|(?:was|has been|have been|is|are) (?:originally|first|updated|edited|condensed|lightly|corrected"
            r"|amended|clarified|republished|reprinted"
            r"|syndicated|"
            r"adapted|part of|more than \d|produced in|automatically|auto-generated|generated|supported by"
            r"|copyright|a part of)|"
            r"(?:originally|first) (?:appeared|published|ran)|appeared (?:originally|first|in the|on page))"
            r"|(?:this )?appear(?:ed|s) in the .{4,50} (?:print edition|issue)\b",
        ),
        (
            "a note that more will follow",
            r"\W*this is an? (?:breaking|developing|evolving)(?: news)? (?:story|situation)\b|more to (?:follow"
            r"|come)\b(?!.{9})"
            r"|\W*(?:please )?check back (?:here |soon |often )?for (?:\w+ )?updates\b",
        ),
        ("a note on the transcript", r"this is a rush transcript\b|(?:transcript|copy) may not be in its final form"),
        ("an editor's note", r"\W*(?:editor|author|publisher|producer)s?'?s? note\b"),
        (
            "a credit line",
            r"\W*with (?:assistance|research|help) (?:from|by) (?!.{90})|\W*(?:(?:additional "
            r"|with )?(?:reporting|writing|editing|editorial|production|graphics?"
            r"|illustrations?|photography|translation)"
            r"(?: and \w+)? by\b|(?:compiled|edited|translated|produced) by\b|contributing ?:"
            r"|contributors? ?:|contributing (?:to|writers?))",
        ),
        (
            "a list of tags",
            r"(?:tags?|topics?|categories|category|keywords|filed under|labels?|posted in|filed in)\s*:"
            r"|(?:this )?(?:article|story|post) tagged (?:under|with|as)\b",
        ),
        (
            "a way to reach the author",
            r"(?:write to|contact|e-?mail|reach) .{1,60}\b(?:at|on|via) \S+@\S+|to contact the (?:reporter"
            r"|author|writer|editor)s?\b",
        ),
        ("a video or recording with its length", r"(?!.{250}).*\s\d{1,2}:\d{2}$"),
        (
            "a source line",
            r"(?:source|sources|via|credits?|author|authors|byline|language|location|reading time)\s*:(?!.{120})",
        ),
        (
            "an invitation to read on elsewhere",
            r"for (?:more|the latest|all the latest|breaking)\b.{0,100}\b(?:follow|visit|click|subscribe"
            r"|go to|sign up|check out|download|"
            r"tune in|log on)\b",
        ),
        (
            "an invitation to visit a site",
            r"(?:visit|go to|check out|head to)\b.{0,80}(?:\bhome ?page\b|\bweb ?site\b|https?://|www\."
            r"|\.com\b|\.org\b|magazine$|page$)",
        ),
        (
            "a call for tips",
            r"(?:do you have|have|got|send us) (?:a|any|your) (?:\w+ )?(?:tips?|story|stories|questions?"
            r"|corrections?|feedback)\b",
        ),
        (
            "thanks to the reader",
            r"(?:thank you|thanks) for (?:signing up|subscribing|reading|visiting|your (?:support|feedback"
            r"|interest))",
        ),
        (
            "a count of posts, comments or readers",
            r"[+\d.,km ]*(?:posts?|comments?|shares?|views?|likes?|replies|retweets?|followers|reads?"
            r"|min(?:ute)?s? read)\s*(?:\(?\d*\)?)?$",
        ),
        (
            "a slide count",
            r"(?:slideshow|gallery|photos?|images?)\s*\(?\d+|(?:prev|next|previous)? ?(?:image|photo|slide"
            r"|page) \d+ of \d+",
        ),
        (
            "page furniture",
            r"(?:continue reading|scroll (?:down|to)|skip to|swipe (?:to|left)|jump to|back to|return to"
            r"|load more|show more|"
            r"(?:story|article) continues)\b(?!.{60})",
        ),
    )
)

# Somewhere in the line: (what it is, pattern).
WORDINGS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        (
            "a note on who contributed",
            r"\bcontributed (?:\w+ ){0,2}to this (?:report|story|article|piece|post|column|analysis)"
            r"|\bmaterial (?:from .{2,50} )?(?:was|were) used in this (?:report|story|article)\b"
            r"|\bbased (?:in part )?on wire service reports\b"
            r"|^(?!.{160}).*\bcontributed(?: (?:additional )?reporting)?\.?(?: updated (?:at|on)\b.*)?$"
            r"|^(?!.{100})[^,\"]{4,60}(?<!he)(?<!they)(?<!who) reported from [^,\"]{3,40}\.?$",
        ),
        (
            "a rights notice",
            r"\ball rights reserved\b|\b(?:may not|cannot|must not) be (?:published|reproduced|republished"
            r"|reprinted|copied|redistributed)\b"
            r"|\breprint permission\b|\bavailable without charge to any eligible\b|\blicensing opportunities\b",
        ),
        (
            "an instruction to click",
            r"\b(?:click|sign up|subscribe|register|donate|rsvp) (?:here|now|today)(?: now)?\s*[.!*)\]]*$"
            r"|\bvote here[.!]?$|\b(?:vote|sound off) in (?:today's|our) .{0,30}\bpoll\b"
            r"|\bread more$|\bclick to (?:view|enlarge|see|watch|read|play)\b|\b(?:learn more"
            r"|listen back) here\W*$|\bclick here (?:to|for)\b"
            r"|\bclick on the (?:link|box|image|button)\b",
        ),
        (
            "an invitation to a newsletter",
            r"\bstay up to date on\b.{0,80}\bnews\b"
            r"|\b(?:to|in|into) your (?:inbox|mailbox)\b|\b(?:sign up|signing up|subscribe)\b.{0,80}\b"
            + _LIST
            + r"|\bsign up for (?:our|the|my)\b|\b(?:newsletters?|e-?mail) sign[- ]?up\b",
        ),
        (
            "terms the reader agrees to",
            r"\bby (?:signing up|subscribing|clicking|registering|continuing|submitting|entering"
            r"|using)\b.{0,80}\b(?:you|i) (?:agree|consent|accept)"
            r"|\bagree to (?:our|the) (?:privacy policy|terms)",
        ),
        (
            "a disclaimer of opinions",
            r"\b(?:opinions?|views?) expressed in this (?:commentary|article|column|piece|essay)\b"
            r"|\b(?:opinions?|views?) expressed\b.{0,120}\b(?:authors?|writers?|own|columnists?|do not"
            r"|not necessarily|solely|those of)\b"
            r"|\bdo(?:es)? not necessarily (?:represent|reflect) (?:the|those)\b",
        ),
        (
            "a notice about cookies or the browser",
            r"^media playback is (?:unsupported|not supported)\b|\b(?:we|site|website) uses? cookies\b"
            r"|\b(?:enable|disable|turn on) (?:javascript|cookies|your ad ?blocker)\b"
            r"|\byour browser (?:does not|doesn't)\b|\bnot a robot\b|\binvalid email address\b",
        ),
        (
            "an invitation to follow",
            r"\bfollow (?:him|her|them|us|me|the author)\b.{0,40}(?:\bon\b|\bat\b|@)|\bfollow \S+(?: \S+){0,3} on "
            + _NETWORK
            + r"|\bfollow https?:|\bfollow @\w|\b(?:can|may) be (?:reached|contacted|followed) (?:at|on"
            r"|via)\b.{0,20}@",
        ),
        (
            "a note that more will follow",
            r"\b(?:story|post|article|page|report) will be (?:\w+ )?updated\b|\bearly reports (?:may"
            r"|can) be (?:inaccurate|wrong)\b"
            r"|\bcheck back for (?:\w+ )?updates\b",
        ),
        (
            "a way to reach the desk or the reporter",
            r"\b(?:contact|reach|text|message|e-?mail) (?:us|me|him|her|them|the (?:reporter|author))\b.{0,60}"
            r"\b(?:signal|whatsapp|telegram|voicemail|securedrop|protonmail)\b"
            r"|\b(?:can|may) be (?:reached|contacted) (?:at|via|on) \[email.protected\]",
        ),
        (
            "a correction",
            r"\b(?:earlier|previous|prior|original) versions? of this "
            r"(?:story|article|report|post|piece|column|page|headline|graphic|transcript)\b",
        ),
        (
            "a rights notice",
            r"^(?=.{0,200}$).*(?:©|\(c\) ?(?:19|20)\d\d|\be-?mail address is\b)",
        ),
        (
            "what a column or series is",
            r"^(?=.{0,400}$)[^.]{3,60} is an? (?:weekly|daily|monthly|regular|twice-weekly|occasional|new|continuing) "
            r"(?:column|series|feature|podcast|newsletter|blog)\b",
        ),
        (
            "an appeal for support",
            r"\b(?:support|fund) (?:our|independent|quality|progressive|explanatory) (?:journalism|reporting"
            r"|newsroom)\b|\breader[- ]supported\b"
            r"|^(?=.{0,220}$)(?:please )?(?:support|donate|join|become|consider)\b.*"
            r"\b(?:on patreon|membership program|tax[- ]deductible|(?:as|becoming) a (?:member|subscriber"
            r"|supporter))\b"
            r"|\balready a (?:subscriber|member)\b",
        ),
    )
)

CAPTION_OPENING = re.compile(
    r"\W*(?:(?:alt(?:ernative)?[ -]text|alt|photos?|images?|pictures?|pictured|captions?|(?:photo|image"
    r"|picture) captions?|illustration|"
    r"graphic|infographic|map|figure \d+|fig\. ?\d+|chart|file (?:photo|image|picture)|representational image"
    r"|representative image)"
    r"(?: \d+)?(?: \([^)]*\))?\s*[:|]|file (?:photo|image)\b|file [-–—]|image caption\b|media caption\b"
    r"|photo caption\b|featured? (?:image|photo)\b\s*:"
    r"|(?:note: )?photo(?:graph)?s? (?:of .{3,60} )?by .{3,60}(?:/|shutterstock|getty|reuters"
    r"|afp)[^.]{0,30}(?:\.com)?\.?$)"
)
# The first words of a video's or picture's caption after a word of its player: "CLOSE Speaking in Phoenix, ...".
PLAYER_WORD = re.compile(r"(?:CLOSE|PLAY|REPLAY|LIVE|VIDEO|PHOTOS?|SLIDESHOW) (?=[A-Z][a-z’'-]*[ ,])")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?)\.?"
)
# "Protesters march past the courthouse in Kenosha on Monday, August 24, 2020.": the present tense with a date. Reports
# tell of a dated event in the past tense.
DATED_PRESENT = re.compile(
    r"(?!.*\b(?:said|says|told|will|would|was|were|had|did|has|have)\b.*\b(?:19|20)\d\d\b)[^.]{3,140}? "
    r"(?:speaks?|walks?|arrives?|waits?|works?|looks? (?:on|at|out|over|as)|listens?|stands?|holds?|gestures?"
    r"|address(?:es)?|attends?|shakes?|waves?|poses?|sits?|talks?|smiles?|answers?|delivers?|leaves?|greets?"
    r"|rides?|carry"
    r"|carries|protests?|march(?:es)?|gathers?|applauds?|departs?|testif(?:y|ies)|hugs?|embraces?|rally|rallies"
    r"|chants?"
    r"|lines? up|watch(?:es)?|reacts?|prays?|campaigns?|visits?|enters?|boards?|kneels?|demonstrates?|participates?"
    r"|appears?"
    r"|takes? (?:part|questions|the stage)|meets? with|makes? (?:a|his|her|their)|gives? (?:a|his|her)|laughs?)\b"
    rf"[^.]{{3,160}}(?:\b(?:on|in)|,) (?:[a-z]{{3,6}}day,? )?{_MONTH} \d{{1,2}}, (?:19|20)\d\d\b"
)
# Where someone stands in a picture: after a name, or with the word pictured.
_SIDE = r"(?:at |far |top |bottom )?(?:left|right|center|centre|second from (?:left|right))"
PLACED = re.compile(
    rf"\b(?:[A-Z][\w.'’-]{{0,30}}|\d+)(?:,? \({_SIDE}\)|, {_SIDE}(?=[,.]|$))|\(L\)(?=.{{1,200}}\([RC]\))"
)
PLACED_NOW = re.compile(
    rf"\(L\).{{1,200}}\([RC]\)|(?:, {_SIDE},|\({_SIDE}\)) "
    r"(?:(?!says\b|was\b|has\b|is\b|does\b)[a-z]+s|and|with|are)\b(?!.*\b(?:said|told|says)\b)"
)
# "Previous victims: Ann Smith (left) ...", not "According to Bo Lee (left) ..."
LABELLED_PLACE = re.compile(r"[A-Z][\w' ’-]{2,40}: [A-Z]")
PICTURED = re.compile(
    r"\((?:pictured|above|shown|seen)(?:[ ,][^()]{0,60})?\)|\bpictured,? (?:above|left|right|below|here|together)\b"
    r"|(?:, |^|\bare )(?:seen|shown) (?:here|above)\b|(?:^|\. )(?:above|left|right|pictured): "
)
# "In this May 3, 2019, file photo ...", as news agencies begin their captions
PHOTO_PLACE = re.compile(
    r"\W*(?:file - )?(?:in|on) (?:this|a|an)\b.{0,50}\b(?:file photo|file image|photo (?:provided|released"
    r"|taken|made|from)|(?:frame|image) "
    r"(?:grab|made|taken|provided|released|from)|photo,|\d{4},? photo\b|photograph,)"
    r"|\W*(?:file - )?this\b(?: [a-z]+\.? \d{1,2}(?:, \d{4})?,?| undated| combination| combo| file)?"
    r" (?:photo|photograph|image|picture|combination)s?"
    r"(?: of \w+)?,? (?:provided|released|taken|made|shows?)\b|.{0,60}\b(?:is|are) (?:seen|pictured"
    r"|shown) in (?:this|an undated) "
)
_AGENCY = (
    r"(?:getty(?: images)?(?: for \w+| via \w+)?|ap(?: images| photo| file)?|afp|reuters|epa|epa-efe"
    r"|shutterstock|istock(?:photo)?|bloomberg|"
    r"associated press|the washington post|redux|zuma(?: press)?|polaris|upi|alamy|corbis|wireimage|unsplash"
    r"|pixabay|npr|pool|cnn|abc|cbs|nbc)"
)
# The end of a slide show's caption, which may be longer than a paragraph.
HIDE_CAPTION = re.compile(r"\bhide caption(?: \d+ of \d+)?$")
# A photographer's name at the end, told by its capitals: "(Ann Smith/for The Example)", ". Ann Smith for EXAMPLE".
_PERSON = r"(?:[A-Z][\w'’.-]* ){1,3}[A-Z][\w'’.-]*"
CREDITED_NAME = re.compile(
    rf"\({_PERSON}(?: ?/ ?|, (?:special to|for) | via )[^()]{{2,60}}\)$"
    r"|\([^()]{8,80} via [A-Z][^()]{2,40}\)$"
    r"|(?<=[.!?”]) (?:Photo(?:graph)?s? )?[Cc]ourtesy (?:of )?[A-Z][^.]{2,40}$"
    rf"|(?<=[.!?”]) {_PERSON}(?:—\w+)? for [A-Z][^.]{{2,30}}$"
)
# A credit wherever it stands, and one that counts only at a line's beginning or in a line of a few words.
CREDIT = re.compile(
    r"^(?:photo|image|picture|media|video) copyright\b|toggle caption|hide caption|enlarge this image|\bap photo\b"
    r"|\((?:[^()]{0,30}\b)?(?:photo(?:graph)?s?|images?|getty|pic)\b[^()]{0,60}(?<!\.)\)\s*$"
    r"|\bvia getty images\s*\)?$|\bgetty images\s*\)?$"
    r"|/\s*"
    + _AGENCY
    + r"\s*\)?\s*$|\breuters/(?!ipsos)[a-z]+(?: [a-z'.-]+){0,3}(?: ?/ ?(?:file photo|files?|pool))?(?<!\.)$"
    r"|\bphotograph: .{1,60}$|\bphoto (?:by|credit:?) .{1,40}$|\bcredit: .{1,40}$"
    r"|[.!?”\"'] (?:photos?(?:/video)?|illustration): [^.]{2,60}$|\bsource: [^.,]{2,40}$"
    r"|\| [^|.]{0,40}\b(?:illustration|photos?|getty images|ap|afp|reuters)\b[^|.]{0,40}$|[.!?] "
    + _AGENCY
    + r"(?: news)?$"
    r"|\bvia (?:reuters|ap|afp|getty|redux|shutterstock|zuma)$|^photographs? (?:of|by) .{3,120}/(?:getty images"
    r"|ap|afp|reuters)\.?$"
    r"|\breuters/(?!ipsos)[^.,]{3,60}$"
    r"|\[(?:[^\[\]/]{3,40}/[^\[\]]{2,40}|[^\[\]]{0,30}\b" + _AGENCY + r")\]\s*$"
    r"|\.\s?\|\s" + _AGENCY + r"\b(?: photos?| images?)?"
    r"|^[a-z'’.-]+(?: [a-z'’.-]+){1,3}/(?:staff|file|ap|afp|reuters)\b"
)
CREDIT_OPENING = re.compile(
    r"\W*(?:photo(?:graph)?|image|picture|video|illustration|graphic|media)s? (?:source|credits?|by|courtesy"
    r"|via|provided by)\b"
    r"|(?:reuters|afp|ap|epa)/\S"
)

WEATHER = re.compile(
    r"[-−+]?\d{1,3}(?:[.,]\d)?\s*(?:°\s*[cf]?|º\s*[cf]?|degrees?(?: [cf]\w*)?|[cf])(?:\s*[/"
    r"|,-]?\s*[-−+]?\d{1,3}(?:[.,]\d)?\s*°?\s*[cf]?)?$"
)
ADDRESS = re.compile(
    r"(?:https?://|www\.|/)\S+$|\S+\.(?:jpe?g|png|gif|webp|svg|mp4|mp3|pdf|html?|aspx?"
    r"|php)(?:\?\S*)?[)\]\"']*$|\S+@[^\s@]+\.\w+$"
    r"|[^.!?]{3,80}: ?(?:https?://|www\.)(?!t\.co/)\S+$"
    rf"|(?:https?://\S+ )?(?:[-] ?(?:[^\s(]+ ){{1,6}}\(@\w+\)|(?:(?!- )[^\s(]+ ){{1,5}}\(@\w+\)(?= {_MONTH} \d))"
    rf"(?: {_MONTH} \d{{1,2}}, \d{{4}})?$"
    r"|@\w{2,30}$|(?:#\w+\s*)+$|pic\.twitter\.com/\S+$|(?:\w+\.)+(?:com|org|net|co|in|uk|gov|edu|info|news)(?:/\S*)?$"
)
CODE = re.compile(
    r"</?[a-z][^>]*>$|<!--.*-->$|\[[^\].!?]{1,40}\]$|(?:var|let|const) \w+\s*=|function\s*\w*\(|\(function"
    r"|window\.|document\.|@media\b|"
    r"@import\b|[\w-]+=\"https?://|\{.*\}[;,]?$|[\w.#-]+\s*\{$|\"[\w-]+\":\s*[\[{\"]|\|.*\|$"
)

# What a line of nothing but date and time is made of; taken away one after another, nothing must be left.
DATE_PARTS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?|\b\d{{1,2}}(?:st|nd|rd"
        rf"|th)?(?: of)? {_MONTH}(?:,? \d{{4}}\b)?|\b{_MONTH} \d{{4}}\b"
        r"|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b"
        r"|\b(?:\d+|an?|one|two|three) (?:second|sec|minute|min|hour|hr|day|week|month|year)s? ago\b",
        r"t?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?z?|\b\d{1,2}\s*[ap]\.?m\b\.?",
        r"\b(?:last )?(?:updated?|published|posted|modified|first published|date|created|first)\b|\b(?:on|at"
        r"|and|the)\b",
        r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?",
        r"\b(?:e[ds]?t|p[ds]?t|c[ds]?t|m[ds]?t|gmt|utc|bst|ist|cet|cest|aest|hrs?|local time|eastern|pacific)\b",
    )
)

# What stands above links to other stories: whole, punctuation at its ends set aside.
LINK_LABEL = re.compile(
    r"(?:also see|see also|also read|read (?:more|also|next)|related|more|recommended|up next|don't miss"
    r"|must[- ]reads?"
    r"|you (?:may|might) also (?:like|be interested in)|in case you missed it|editors?'?s? picks?|top stories"
    r"|most (?:read|popular|viewed)|trending|latest)(?: [\w'-]+){0,8}$"
)

BIO_ROLE = re.compile(
    r"\b(?:reporter|correspondent|editor|columnist|author|co-?author|fellow|professor|lecturer|scholar"
    r"|contributor|contributing|writer|journalist|host|"
    r"co-?host|anchor|blogger|analyst|researcher|historian|novelist|attorney|lawyer|consultant|strategist"
    r"|director|founder|co-?founder|leader|commentator|advis[eo]r|"
    r"(?:vice )?president (?:of|at|and)|(?:senior|general) counsel|chair(?:man|woman)? of|member of|intern"
    r"|graduate of|student at|covers|writes (?:about|for"
    r"|on)|holds an?|teaches|"
    r"reports (?:on|for)|a veteran of|is the former|is a former|served as|serves as)s?\b"
)

# Occupations of those who write for a page rather than of those it writes about.
WRITER = re.compile(
    r"\b(?:columnist|commentator|contributor|correspondent|staff writer|senior writer|managing editor|staff reporter"
    r"|opinions? expressed)\b"
)

# Short lines that head a section in any text and so recur without being furniture.
_GENERIC_HEADINGS = """
introduction; conclusion; conclusions; summary; overview; background; context; analysis; discussion; methods;
results; references; faq; faqs; timeline; outlook; abstract; executive summary; key points; key takeaways; key
facts; final thoughts; the bottom line; bottom line; what's next; what happens next; what we know; why it
matters; frequently asked questions; the background; the big picture; the context; the details
"""
GENERIC_HEADINGS = frozenset(phrase.strip() for phrase in _GENERIC_HEADINGS.replace("\n", " ").split(";"))

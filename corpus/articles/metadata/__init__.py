"""Title, author, publisher, date and URL of an article, read from the text of its page.

metadata           reads the values from the most likely lines
classifiers        rank the lines that may be the title, the byline or the date line
features           the features of those lines; `feature_columns` lists them
content_features   kernels: counters, shared words, similar lines
position_features  kernels: distances, cue words, neighbours
nearby_lines       the window of lines that is described, and kernels that compare lines
shared_words       kernels that count and compare the words of the article
cue_words          words around articles in many languages: "by", "published", "share"
dates              dates and ages ("3 days ago") in a line
timestamps         the time next to a date, and timestamps in markup
authors            the names in a byline
titles             the title among likely lines, without the name of the site
publishers         the publisher in a copyright line
urls               the URL of the page itself
"""

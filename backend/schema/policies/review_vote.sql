ALTER TABLE review_vote ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON review_vote TO onemap_app;

CREATE POLICY seen ON review_vote FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_vote.county_code
            AND review.id = review_vote.review_id))
);

CREATE POLICY added ON review_vote FOR INSERT TO onemap_app
WITH CHECK (true);

CREATE POLICY changed ON review_vote FOR UPDATE TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_vote.county_code
            AND review.id = review_vote.review_id))
)
WITH CHECK (true);

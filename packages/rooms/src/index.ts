export { type FairPlay, nextUp } from './next-up.ts';
export { inOrder, type OrderedTrack, turnsOf } from './order.ts';
export { type Proposal, type ProposalRules, proposalRefusal } from './proposal.ts';
